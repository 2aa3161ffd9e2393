using AutoDiffCnn.Protocol;
using Google.Protobuf;
using static OnnxTests.Files;

namespace OnnxTests;

/// <summary>What is said of files that cannot be read.</summary>
public sealed class ReadErrorTests
{
    private static readonly Tensor four = Tensor.Of([1, 2, 3, 4]);

    [Fact]
    public void All_operators_that_are_not_read_are_told_at_once() => Refused(
        Model(13, [("x", [4])], [], Node("TopK", "x", "t"), Node("Relu", "t", "r"), Node("QuantizeLinear", "r", "q"), Node("Loop", "q", "y"),
            new NodeProto { OpType = "Relu", Domain = "com.example", Output = { "z" } }), """
        made.onnx: node the_t (TopK, opset 13): there is no such function here.
        node the_q (QuantizeLinear, opset 13): it is of quantised numbers, which are not read.
        node the_y (Loop, opset 13): it runs a graph of its own again and again; a graph here has no loops.
        node z (Relu, opset 13): its domain com.example is not known.
        """);

    [Fact]
    public void All_nodes_that_cannot_be_read_are_told_at_once() => Refused(
        Model(13, [("x", [1, 4])], [], Node("Elu", "x", "e", Attribute("alpha", 1)), Node("Relu", "e", "r"),
            Node("Flatten", "x", "f", Attribute("axis", 7)), Node("Sum", "r f", "y")), """
        made.onnx: node the_e (Elu, opset 13): attribute alpha must be Float, it is Int.
        node the_f (Flatten, opset 13): axis 7 must lie in -2..1.
        """);

    [Fact]
    public void An_attribute_that_nobody_reads_is_told() => Refused(
        Model(13, [("x", [4])], [], Node("Relu", "x", "y", Attribute("slope", 0.1))),
        "made.onnx: node the_y (Relu, opset 13): it has an attribute slope, which no Relu of this opset has, or which is not read.");

    [Theory]
    [InlineData(0, "made.onnx: its operators are those of opset 0; read are 1 to 20 (possible: export it again with another opset).")]
    [InlineData(21, "made.onnx: its operators are those of opset 21; read are 1 to 20 (possible: export it again with another opset).")]
    public void Opsets_that_are_not_read_are_told(long opset, string message) => Refused(Model(opset, [("x", [4])], [], Node("Relu", "x", "y")), message);

    [Fact]
    public void An_operator_of_too_old_an_opset_is_told() => Refused(Model(4, [("x", [4])], [], Node("Relu", "x", "y")),
        "made.onnx: node the_y (Relu, opset 4): this operator is read from opset 6 on (possible: export it again with a newer opset).");

    [Fact]
    public void A_file_without_an_opset_is_told()
    {
        var model = Model(13, [("x", [4])], [], Node("Relu", "x", "y"));
        model.OpsetImport.Clear();
        Refused(model, "made.onnx: it does not say which version of the operators it means (opset_import).");
    }

    [Fact]
    public void Nodes_in_circles_or_in_the_wrong_order_are_told() => Refused(
        Model(13, [("x", [4])], [], Node("Add", "x b", "a"), Node("Relu", "a", "b")),
        "made.onnx: node the_a (Add, opset 13): there is no value b before it: nodes come after what they need, and there are no circles.");

    [Fact]
    public void A_value_that_is_nowhere_is_told() => Refused(Model(13, [("x", [4])], [], Node("Add", "x b", "a")),
        "made.onnx: node the_a (Add, opset 13): there is no value b.");

    [Fact]
    public void An_input_that_is_left_out_is_told() => Refused(Model(13, [("x", [4])], [], Node("Add", "x", "a")),
        "made.onnx: node the_a (Add, opset 13): input 1 is missing.");

    [Fact]
    public void A_name_of_two_values_is_told() => Refused(Model(13, [("x", [4])], [], Node("Relu", "x", "x")),
        "made.onnx: the name x is given to two values.");

    [Fact]
    public void Sizes_that_are_open_are_asked_for()
    {
        var model = Model(13, [("x", ["batch", 3])], [], Node("Relu", "x", "y"));
        Refused(model, "made.onnx: input x [batch, 3] leaves a size open; give its shape: (\"x\", […]), or the dimension's size: (\"batch\", [1]).");
        Assert.Equal([5, 3], Read(model, ("batch", [5])).Outputs[0].Node.Shape);
        Assert.Equal([7, 2], Read(model, ("x", [7, 2])).Outputs[0].Node.Shape);
        Assert.Equal("made.onnx: input x has rank 2, [7] is given.", Assert.Throws<OnnxError>(() => Read(model, ("x", [7]))).Message);
        Assert.Equal("made.onnx: dimension batch needs one size, [7, 2] is given.", Assert.Throws<OnnxError>(() => Read(model, ("batch", [7, 2]))).Message);
        Assert.Equal("made.onnx: a shape is given for 'image'; the file has the inputs and dimensions batch, x.",
            Assert.Throws<OnnxError>(() => Read(model, ("image", [7, 2]))).Message);
    }

    [Fact]
    public void What_decides_shapes_must_be_known() => Refused(
        Model(13, [("x", [4]), ("s", [1])], [], Node("Reshape", "x s", "y")),
        "made.onnx: node the_y (Reshape, opset 13): input 1, s, decides shapes, so it must be known when the file is read; it depends on what is given later.");

    [Fact]
    public void Shapes_that_do_not_fit_are_told_with_the_node()
    {
        var model = Model(13, [("x", [1, 2, 5, 5])], [Real("w", Tensor.Fill([3, 4, 3, 3], 1))], Node("Conv", "x w", "y"));
        var error = Assert.Throws<ShapeError>(() => Read(model));
        Assert.Equal("""
            made.onnx: node the_y (Conv, opset 13): Conv2D on [1, 2, 5, 5] and [3, 4, 3, 3]: w has 4 channels, it needs 2/1 = 2.
            Possible: w of [3, 2, 3, 3].
            """, error.Message);
    }

    [Fact]
    public void An_initializer_without_its_numbers_is_told()
    {
        var tensor = Real("w", four);
        tensor.FloatData.RemoveAt(0);
        Refused(Model(13, [("x", [4])], [tensor], Node("Add", "x w", "y")), "made.onnx: initializer w: FLOAT [4] needs 4 numbers, it has 3.");
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(new byte[15]);
        Refused(Model(13, [("x", [4])], [tensor], Node("Add", "x w", "y")), "made.onnx: initializer w: FLOAT [4] needs 16 bytes, it has 15.");
        tensor.Dims[0] = -1;
        Refused(Model(13, [("x", [4])], [tensor], Node("Add", "x w", "y")),
            "made.onnx: initializer w: its shape [-1] has a negative size or more than 2147483591 elements.");
        tensor.DataType = 8;
        Refused(Model(13, [("x", [4])], [tensor], Node("Add", "x w", "y")), "made.onnx: initializer w: its elements are STRING; read are FLOAT, DOUBLE, "
            + "FLOAT16, BFLOAT16, BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64.");
    }

    [Fact]
    public void Sparse_initializers_are_told()
    {
        var model = Model(13, [("x", [4])], [], Node("Add", "x w", "y"));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = Real("w", four) });
        Refused(model, "made.onnx: initializer w is sparse, which is not read.");
    }

    [Fact]
    public void What_is_no_protocol_buffer_is_told()
    {
        Assert.Equal("made.onnx, byte 0: expected a graph, got an empty file.", Assert.Throws<FormatError>(() => Read([])).Message);
        Assert.StartsWith("made.onnx, byte ", Assert.Throws<FormatError>(() => Read("<html></html>"u8.ToArray())).Message);
        Assert.StartsWith("made.onnx, byte ", Assert.Throws<FormatError>(() => Read(Deep(200).ToByteArray())).Message);
        Assert.Throws<FileNotFoundException>(() => Onnx.Read(Path.Combine(Path.GetTempPath(), "no such file.onnx")));

        static ModelProto Deep(int levels)
        {
            var graph = new GraphProto();
            for (var i = 0; i < levels; i++)
            {
                graph = new GraphProto { Node = { Node("If", "x", "y", Attribute("then_branch", graph)) } };
            }

            return new() { Graph = graph };
        }
    }

    [Fact]
    public void A_value_for_each_input_is_needed()
    {
        var graph = Read(Model(13, [("a", [4]), ("b", [4])], [], Node("Add", "a b", "y")));
        Assert.Equal("the graph has the inputs a : [4], b : [4]; 1 values came.", Assert.Throws<BindingError>(() => graph.Run(four)).Message);
    }

    private static void Refused(ModelProto model, string message) =>
        Assert.Equal(message.ReplaceLineEndings("\n"), Assert.Throws<OnnxError>(() => Read(model)).Message);
}
