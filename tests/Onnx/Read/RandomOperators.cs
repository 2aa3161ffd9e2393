using AutoDiffCnn.Protocol;
using FsCheck;
using FsCheck.Fluent;
using static OnnxTests.Files;

namespace OnnxTests;

/// <summary>A file of one node with values for its inputs.</summary>
internal sealed record Made(ModelProto Model, Tensor[] Inputs)
{
    /// <summary>A node whose first inputs are given and whose others are in the file.</summary>
    public static Made Of(long opset, Tensor[] inputs, TensorProto[] stored, NodeProto node) => new(
        Files.Model(opset, [.. inputs.Select((input, i) => (node.Input[i], input.Shape.Select(size => (object)size).ToArray()))], stored, node), inputs);

    public override string ToString() => $"{Model.Graph.Node[0]} on {string.Join(" and ", Inputs.Select(input => input.Shape))}, opset {Model.OpsetImport[0].Version}, "
        + string.Join(", ", Model.Graph.Initializer.Select(tensor => $"{tensor.Name} {(tensor.DataType == 7 ? tensor.Int64Data : tensor.Dims)}"));
}

/// <summary>Random nodes of each operator, with all attributes that it has.</summary>
internal static class RandomOperators
{
    public static IReadOnlyDictionary<string, Gen<Made>> All { get; } = new Dictionary<string, Gen<Made>>
    {
        ["Conv"] =
            from n in Gen.Choose(1, 3)
            from groups in Gen.Choose(1, 2)
            from size in Many(n, 6, 10)
            from kernel in Many(n, 1, 3)
            from walk in Walk(kernel)
            from hasBias in Gen.Elements(true, false)
            from data in Data([2, 2 * groups, .. size], [3 * groups, 2, .. kernel], [3 * groups])
            select Made.Of(13, [data[0]], [Real("w", data[1]), .. hasBias ? [Real("b", data[2])] : Array.Empty<TensorProto>()],
                Node("Conv", hasBias ? "x w b" : "x w", "y", [.. walk, Attribute("group", groups)])),
        ["ConvTranspose"] =
            from n in Gen.Choose(1, 2)
            from groups in Gen.Choose(1, 2)
            from size in Many(n, 2, 5)
            from kernel in Many(n, 1, 3)
            from stride in Many(n, 1, 3)
            from open in Many(n, 0, 2)
            from dilation in Many(n, 1, 2)
            from pads in Many(2 * n, 0, 1)
            from aim in Gen.Elements("NOTSET", "NOTSET", "SAME_UPPER", "VALID")
            from data in Data([2, 2 * groups, .. size], [2 * groups, 3, .. kernel])
            let most = open.Select((more, i) => Math.Min(more, stride[i] - 1)).ToArray()
            where kernel.Select((k, i) => (size[i] - 1) * stride[i] + dilation[i] * (k - 1) + 1 + most[i] - pads[i] - pads[n + i]).All(s => s > 0)
                && (aim != "SAME_UPPER" || kernel.Select((k, i) => dilation[i] * (k - 1) + 1 - stride[i]).All(over => over >= 0))
            select Made.Of(13, [data[0]], [Real("w", data[1])], Node("ConvTranspose", "x w", "y",
            [
                Longs("strides", stride), Longs("dilations", dilation), Attribute("group", groups),
                .. aim == "NOTSET" ? [Longs("pads", pads), Longs("output_padding", most)] : new[] { Attribute("auto_pad", aim) },
            ])),
        ["MaxPool"] =
            from pool in Pool(hasDilation: true)
            from places in Gen.Elements(0, 1, 2)
            let node = Node("MaxPool", "x", places == 0 ? "y" : "y places", [.. pool.Attributes, .. places == 0 ? [] : new[] { Attribute("storage_order", places - 1) }])
            select Made.Of(12, [pool.X], [], node),
        ["AveragePool"] =
            from pool in Pool(hasDilation: false)
            from counts in Gen.Choose(0, 1)
            select Made.Of(11, [pool.X], [], Node("AveragePool", "x", "y", [.. pool.Attributes, Attribute("count_include_pad", counts)])),
        ["LpPool"] =
            from pool in Pool(hasDilation: false)
            from p in Gen.Choose(1, 3)
            select Made.Of(11, [pool.X], [], Node("LpPool", "x", "y", [.. pool.Attributes.Where(each => each.Name != "ceil_mode"), Attribute("p", p)])),
        // Backwards the runtime takes the largest number for the beginning, which the standard does not say.
        ["Slice"] =
            from shape in Many(3, 1, 6)
            from axes in Some(3)
            from start in Many(axes.Length, -8, 8)
            from end in Gen.ArrayOf(Gen.Elements(-9, -3, -1, 0, 1, 2, 4, 9, long.MaxValue, long.MinValue), axes.Length)
            from step in Gen.ArrayOf(Gen.Elements(-3, -2, -1, 1, 1, 2, 4), axes.Length)
            from data in Data(shape)
            let last = end.Zip(step, (to, pace) => to == long.MaxValue && pace < 0 ? 9 : to).ToArray()
            select Made.Of(13, data, [Whole("s", [.. start]), Whole("e", last), Whole("a", [.. axes]), Whole("d", [.. step])], Node("Slice", "x s e a d", "y")),
        ["Pad"] =
            from shape in Many(3, 3, 5)
            from mode in Gen.Elements("constant", "edge", "reflect", "wrap")
            from pads in Many(6, mode is "constant" ? -1 : 0, 2)
            from data in Data(shape, [])
            select Made.Of(mode == "wrap" ? 19 : 13, [data[0]], [Whole("p", [.. pads]), Real("v", data[1])], Node("Pad", "x p v", "y", Attribute("mode", mode))),
        ["Resize"] =
            from size in Many(2, 2, 6)
            from to in Many(2, 1, 9)
            from mode in Gen.Elements("nearest", "linear", "cubic")
            from place in Gen.Elements("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
            from round in Gen.Elements("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")
            from inside in Gen.Choose(0, 1)
            from data in Data([2, 1, .. size])
            select Made.Of(13, data, [Whole("to", 2, 1, to[0], to[1])], Node("Resize", "x - - to", "y",
            [
                Attribute("mode", mode), Attribute("coordinate_transformation_mode", place),
                .. mode == "nearest" ? [Attribute("nearest_mode", round)] : mode == "cubic" ? [Attribute("exclude_outside", inside)] : Array.Empty<AttributeProto>(),
            ])),
        ["GridSample"] =
            from size in Many(2, 2, 5)
            from mode in Gen.Elements("bilinear", "nearest", "bicubic")
            from padding in Gen.Elements("zeros", "border", "reflection")
            from corners in Gen.Choose(0, 1)
            from data in Data([2, 2, .. size], [2, 3, 4, 2])
            select Made.Of(16, data, [], Node("GridSample", "x g", "y", Attribute("mode", mode), Attribute("padding_mode", padding), Attribute("align_corners", corners))),
        ["Reduce"] =
            from shape in Many(3, 1, 4)
            from name in Gen.Elements("ReduceMax", "ReduceMin", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")
            from axes in Some(3)
            from keeps in Gen.Choose(0, 1)
            from negative in Gen.Elements(0, -3)
            from data in Data(shape)
            select Made.Of(13, data, [], Node(name, "x", "y", [Attribute("keepdims", keeps), .. axes.Length == 0 ? [] : new[] { Longs("axes", [.. axes.Select(a => a + negative)]) }])),
        ["ReduceSum"] =
            from shape in Many(3, 1, 4)
            from axes in Some(3)
            from keeps in Gen.Choose(0, 1)
            from noop in Gen.Choose(0, 1)
            from data in Data(shape)
            select Made.Of(13, data, [Whole("a", [.. axes])], Node("ReduceSum", "x a", "y", Attribute("keepdims", keeps), Attribute("noop_with_empty_axes", noop))),
        ["ArgMax"] =
            from shape in Many(3, 1, 5)
            from name in Gen.Elements("ArgMax", "ArgMin")
            from axis in Gen.Choose(-3, 2)
            from keeps in Gen.Choose(0, 1)
            from last in Gen.Choose(0, 1)
            from data in Data(shape)
            select Made.Of(13, [data[0].Map(Math.Round)], [], Node(name, "x", "y", Attribute("axis", axis), Attribute("keepdims", keeps), Attribute("select_last_index", last))),
        ["Softmax"] =
            from shape in Many(3, 1, 4)
            from name in Gen.Elements("Softmax", "LogSoftmax", "Hardmax")
            from axis in Gen.Choose(-3, 2)
            from opset in Gen.Elements(11, 13)
            from data in Data(shape)
            select Made.Of(opset, data, [], Node(name, "x", "y", Attribute("axis", axis))),
        ["Gemm"] =
            from sizes in Many(3, 1, 5)
            from flips in Many(2, 0, 1)
            from bias in Gen.Elements(0, 1, 2, 3)
            from alpha in Gen.Elements(1.0, 0.5, -2)
            from data in Data(flips[0] == 1 ? [sizes[1], sizes[0]] : [sizes[0], sizes[1]], flips[1] == 1 ? [sizes[2], sizes[1]] : [sizes[1], sizes[2]],
                bias == 1 ? [sizes[2]] : bias == 2 ? [sizes[0], 1] : [1])
            select Made.Of(13, bias == 0 ? data[..2] : data, [], Node("Gemm", bias == 0 ? "a b" : "a b c", "y",
                Attribute("transA", flips[0]), Attribute("transB", flips[1]), Attribute("alpha", alpha), Attribute("beta", -alpha))),
        ["MatMul"] =
            from sizes in Many(4, 1, 3)
            from form in Gen.Choose(0, 5)
            let m = sizes[0]
            let k = sizes[1]
            from data in form switch
            {
                0 => Data([k], [k]),
                1 => Data([k], [k, m]),
                2 => Data([2, m, k], [k]),
                3 => Data([m, k], [3, k, 2]),
                4 => Data([2, 1, m, k], [3, k, 2]),
                _ => Data([m, k], [k, m]),
            }
            select Made.Of(13, data, [], Node("MatMul", "a b", "y")),
        ["CumSum"] =
            from shape in Many(3, 1, 4)
            from axis in Gen.Choose(-3, 2)
            from flags in Many(2, 0, 1)
            from data in Data(shape)
            select Made.Of(14, data, [Whole("a", axis)], Node("CumSum", "x a", "y", Attribute("exclusive", flags[0]), Attribute("reverse", flags[1]))),
        ["Gather"] =
            from shape in Many(3, 2, 4)
            from axis in Gen.Choose(-3, 2)
            from name in Gen.Elements("Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND")
            let n = shape[(axis + 3) % 3]
            from at in name is "GatherND" or "ScatterND" ? Gen.ArrayOf(Gen.Choose(-2, 1), 4) : Gen.Shuffle([.. Enumerable.Range(-n, n)]).Select(all => all[..2])
            from data in Data(shape, shape)
            select Indexed(name, axis, [.. shape], at, data),
        ["Split"] =
            from shape in Many(3, 2, 5)
            from axis in Gen.Choose(-3, 2)
            from first in Gen.Choose(0, shape[(axis + 3) % 3])
            from data in Data(shape)
            select Made.Of(13, data, [Whole("s", first, shape[(axis + 3) % 3] - first)], Node("Split", "x s", "y z", Attribute("axis", axis))),
        ["Shape"] =
            from shape in Many(3, 1, 4)
            from order in Gen.Shuffle([0, 1, 2])
            from times in Many(3, 1, 3)
            from form in Gen.Choose(0, 5)
            from axis in Gen.Choose(-3, 2)
            from data in Data(shape)
            select form switch
            {
                0 => Made.Of(13, data, [], Node("Transpose", "x", "y", Longs("perm", order))),
                1 => Made.Of(13, data, [Whole("t", [.. times])], Node("Tile", "x t", "y")),
                2 => Made.Of(13, data, [Whole("s", 0, -1)], Node("Reshape", "x s", "y")),
                3 => Made.Of(13, data, [], Node("Flatten", "x", "y", Attribute("axis", axis))),
                4 => Made.Of(13, data, [Whole("a", axis, axis == 0 ? 2 : 0)], Node("Unsqueeze", "x a", "y")),
                _ => Made.Of(13, data, [Whole("s", times[0], 1, 1, 1)], Node("Expand", "x s", "y")),
            },
        ["Blocks"] =
            from r in Gen.Choose(1, 3)
            from size in Many(2, 1, 3)
            from name in Gen.Elements("DepthToSpace", "SpaceToDepth")
            from mode in Gen.Elements("DCR", "CRD")
            from data in name == "SpaceToDepth" ? Data([2, 2, size[0] * r, size[1] * r]) : Data([2, 2 * r * r, .. size])
            select Made.Of(13, data, [], Node(name, "x", "y", [Attribute("blocksize", r), .. name == "SpaceToDepth" ? [] : new[] { Attribute("mode", mode) }])),
        ["Norms"] =
            from size in Many(2, 2, 4)
            from form in Gen.Choose(0, 3)
            from axis in Gen.Choose(1, 3)
            from n in Gen.Choose(1, 5)
            let shape = (int[])[2, 4, .. size]
            from data in Data(shape, [4], [4], [4], [4], shape[axis..], shape[axis..])
            select form switch
            {
                0 => Made.Of(15, [data[0]], [Real("s", data[1]), Real("b", data[2]), Real("m", data[3]), Real("v", data[4].Map(v => v * v + 0.1))],
                    Node("BatchNormalization", "x s b m v", "y", Attribute("epsilon", 0.01))),
                1 => Made.Of(13, [data[0]], [Real("s", data[1]), Real("b", data[2])], Node("InstanceNormalization", "x s b", "y", Attribute("epsilon", 0.01))),
                2 => Made.Of(17, [data[0]], [Real("s", data[5]), Real("b", data[6])], Node("LayerNormalization", "x s b", "y", Attribute("axis", axis))),
                _ => Made.Of(13, [data[0]], [], Node("LRN", "x", "y", Attribute("size", n), Attribute("alpha", 0.3), Attribute("bias", 1.5))),
            },
        ["Activations"] =
            from name in Gen.Elements("LeakyRelu", "Elu", "ThresholdedRelu", "Celu", "HardSigmoid", "Selu", "Softplus", "Softsign", "HardSwish", "Erf", "Sinh", "Cosh",
                "Asinh", "Tan", "Round", "Ceil", "Floor", "Sign", "Abs", "Exp", "Reciprocal", "Neg", "Sigmoid", "Tanh", "Relu", "Mish")
            from alpha in Gen.Elements(0.1, 0.5, 1.5)
            from data in Data([3, 5])
            select Made.Of(18, data, [], Node(name, "x", "y", name is "LeakyRelu" or "Elu" or "ThresholdedRelu" or "Celu" or "HardSigmoid" ? [Attribute("alpha", alpha)] : [])),
    };

    private static Made Indexed(string name, int axis, Shape shape, int[] at, Tensor[] data)
    {
        var along = (axis + 3) % 3;
        TensorProto Index(params int[] sizes)
        {
            var tensor = Whole("i", [.. name is "GatherElements" or "ScatterElements"
                ? Enumerable.Range(0, (int)Shape.From(sizes).Elements).Select(i => (long)at[i / Shape.From(sizes).Strides()[along] % 2]) : at.Select(i => (long)i)]);
            tensor.Dims.Clear();
            tensor.Dims.AddRange(sizes.Select(size => (long)size));
            return tensor;
        }

        int[] two = [.. shape.With(along, 2)];
        var part = Tensor.Of(Shape.From(two), data[1].Doubles[..(int)Shape.From(two).Elements]);
        return name switch
        {
            "Gather" => Made.Of(13, data[..1], [Index(2, 1)], Node(name, "x i", "y", Attribute("axis", axis))),
            "GatherElements" => Made.Of(13, data[..1], [Index(two)], Node(name, "x i", "y", Attribute("axis", axis))),
            "GatherND" => Made.Of(13, data[..1], [Index(2, 2)], Node(name, "x i", "y")),
            "ScatterElements" => Made.Of(16, data[..1], [Index(two), Real("u", part)], Node(name, "x i u", "y", Attribute("axis", axis), Attribute("reduction", "add"))),
            _ => Made.Of(16, data[..1], [Index(2, 2), Real("u", Tensor.Of([2, shape[2]], data[1].Doubles[..(2 * shape[2])]))],
                Node(name, "x i u", "y", Attribute("reduction", "add"))),
        };
    }

    private static Gen<int[]> Many(int count, int least, int most) => Gen.ArrayOf(Gen.Choose(least, most), count);

    /// <summary>Some of the axes, in any order.</summary>
    private static Gen<int[]> Some(int rank) =>
        from order in Gen.Shuffle([.. Enumerable.Range(0, rank)])
        from count in Gen.Choose(0, rank)
        select order[..count];

    /// <summary>Numbers of order 1 as single precision holds them.</summary>
    private static Gen<Tensor[]> Data(params int[][] shapes) => Gen.Choose(0, int.MaxValue).Select(seed =>
        shapes.Select((shape, i) => Written.Single(Key.Of(seed).FoldIn((uint)i).Normal(Shape.From(shape)))).ToArray());

    private static AttributeProto Longs(string name, int[] numbers) => Attribute(name, numbers.Select(number => (long)number).ToArray());

    private static Gen<AttributeProto[]> Walk(int[] kernel) =>
        from stride in Many(kernel.Length, 1, 3)
        from dilation in Many(kernel.Length, 1, 2)
        from pads in Many(2 * kernel.Length, 0, 2)
        from aim in Gen.Elements("NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")
        let one = Enumerable.Repeat(1, kernel.Length).ToArray()
        select (AttributeProto[])
        [
            Longs("strides", stride), Longs("dilations", aim.StartsWith("SAME", StringComparison.Ordinal) ? one : dilation), Longs("kernel_shape", kernel),
            aim == "NOTSET" ? Longs("pads", pads) : Attribute("auto_pad", aim),
        ];

    /// <summary>A pool's image and attributes. Where steps leave elements out there is no SAME, for which the runtime then
    /// takes a negative padding.</summary>
    private static Gen<(Tensor X, AttributeProto[] Attributes)> Pool(bool hasDilation) =>
        from n in Gen.Choose(1, 3)
        from size in Many(n, 5, 9)
        from kernel in Many(n, 1, 3)
        from walk in Walk(kernel)
        where walk[3].S?.ToStringUtf8().StartsWith("SAME", StringComparison.Ordinal) != true || kernel.Zip(walk[0].Ints).All(pair => pair.First >= pair.Second)
        from ceil in Gen.Choose(0, 1)
        from data in Data([2, 2, .. size])
        let pads = walk[3].Name == "pads" ? new[] { Longs("pads", [.. walk[3].Ints.Select((pad, i) => (int)Math.Min(pad, kernel[i % n] - 1))]) } : [walk[3]]
        select (data[0], (AttributeProto[])[.. walk[..3].Where(each => hasDilation || each.Name != "dilations"), .. pads,
            .. walk[3].Name == "pads" ? [Attribute("ceil_mode", ceil)] : Array.Empty<AttributeProto>()]);
}
