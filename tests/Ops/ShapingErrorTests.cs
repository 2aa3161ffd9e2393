using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>The full text of every shape error of the ops that move elements; see
/// <see cref="ShapeErrorTests"/>.</summary>
public class ShapingErrorTests
{
    [Fact]
    public void Reshape_to_another_count() => Rejects(
        "Reshape(Shape: [7]) on [2, 3]: [2, 3] has 6 elements, [7] has 7.\nPossible: [6].",
        () => Reshape(Of(2, 3), [7]), () => Reshape(Of(2, 3), [6]));

    [Fact]
    public void Reshape_of_more_than_an_axis_holds() => Rejects(
        "Reshape(Shape: [7]) on [65536, 65536]: [65536, 65536] has 4294967296 elements, [7] has 7.\nPossible: [65536, 65536].",
        () => Reshape(Of(65536, 65536), [7]), () => Reshape(Of(65536, 65536), [65536, 65536]));

    [Fact]
    public void Transpose_without_a_permutation() => Rejects(
        "Transpose(Axes: [0, 0]) on [2, 3]: the axes [0, 0] are not a permutation of 0..1.\nPossible: [1, 0].",
        () => Transpose(Of(2, 3), [0, 0]), () => Transpose(Of(2, 3), [1, 0]));

    [Fact]
    public void Reverse_of_an_axis_that_is_not_there() => Rejects(
        "Reverse(Axes: [0, 2]) on [2, 3]: axis 2 must lie in 0..1.\nPossible: axis 1.",
        () => Reverse(Of(2, 3), [0, 2]), () => Reverse(Of(2, 3), [0, 1]));

    [Fact]
    public void Reverse_of_an_axis_twice() => Rejects(
        "Reverse(Axes: [1, 1]) on [2, 3]: the axes [1, 1] name an axis twice.\nPossible: [1].",
        () => Reverse(Of(2, 3), [1, 1]), () => Reverse(Of(2, 3), [1]));

    [Fact]
    public void Flatten_of_a_scalar() => Rejects(
        "Flatten on []: a scalar has no first axis.\nPossible: Reshape to [1, 1].",
        () => Flatten(Of()), () => Reshape(Of(), [1, 1]));

    [Fact]
    public void Slice_beyond_the_end() => Rejects(
        "Slice(Start: [3], Size: [3], Step: [2]) on [7]: axis 0: the last position 3 + (3 − 1)·2 = 7 must be below 7.\nPossible: a size of at most 2.",
        () => Slice(Of(7), [3], [3], [2]), () => Slice(Of(7), [3], [2], [2]));

    [Fact]
    public void Slice_that_starts_behind_the_end() => Rejects(
        "Slice(Start: [7], Size: [1], Step: [2]) on [7]: axis 0: the last position 7 + (1 − 1)·2 = 7 must be below 7.\nPossible: a size of at most 0.",
        () => Slice(Of(7), [7], [1], [2]), () => Slice(Of(7), [7], [0], [2]));

    [Fact]
    public void Slice_with_step_0() => Rejects(
        "Slice(Start: [0, 0], Size: [2, 2], Step: [1, 0]) on [2, 3]: axis 1: the step 0 must be at least 1.\nPossible: a step of [1, 1].",
        () => Slice(Of(2, 3), [0, 0], [2, 2], [1, 0]), () => Slice(Of(2, 3), [0, 0], [2, 2], [1, 1]));

    [Fact]
    public void Slice_of_other_axes() => Rejects(
        "Slice(Start: [0], Size: [2], Step: [1, 1]) on [2, 3]: start, size and step need 2 numbers each, one an axis.\nPossible: numbers for 2 axes.",
        () => Slice(Of(2, 3), [0], [2]), () => Slice(Of(2, 3), [0, 0], [2, 2]));

    [Fact]
    public void Place_without_room() => Rejects(
        "Place(Start: [1], Step: [2], Shape: [5]) on [3]: axis 0: the last position 1 + (3 − 1)·2 = 5 must be below 5.\nPossible: a size of at most 2.",
        () => new Place([1], [2], [5]).Of(Of(3)), () => new Place([1], [2], [5]).Of(Of(2)));

    [Fact]
    public void Dilate_of_other_axes() => Rejects(
        "Dilate on [2, 3]: the steps [2] need 2 numbers, one an axis.\nPossible: steps of [2, 2].",
        () => Dilate(Of(2, 3), [2]), () => Dilate(Of(2, 3), [2, 2]));

    [Fact]
    public void Pad_of_other_axes() => Rejects(
        "Pad on [2, 3]: before [1] and after [1] need 2 numbers each.\nPossible: before [1, 1].",
        () => Pad(Of(2, 3), [1], [1]), () => Pad(Of(2, 3), [1, 1], [1, 1]));

    [Fact]
    public void Pad_wider_than_the_mirror() => Rejects(
        "Pad(Reflect) on [3]: axis 0: a border of 3 exceeds 2, all that size 3 offers.\nPossible: a border of at most 2, PadMode.Constant.",
        () => Pad(Of(3), [3], [0], PadMode.Reflect),
        () => Pad(Pad(Of(3), [2], [0], PadMode.Reflect), [3], [0], PadMode.Constant));

    [Fact]
    public void Concat_of_nothing() => Rejects(
        "Concat(Axis: 0): there is nothing to join.\nPossible: at least one input.",
        () => Concat(0), () => Concat(0, Of(2)));

    [Fact]
    public void Concat_along_an_axis_that_is_not_there() => Rejects(
        "Concat(Axis: 2) on [2, 3] and [2, 3]: axis 2 must lie in 0..1.\nPossible: axis 1.",
        () => new Concat(2).Of(Of(2, 3), Of(2, 3)), () => new Concat(1).Of(Of(2, 3), Of(2, 3)));

    [Fact]
    public void Concat_of_other_sizes() => Rejects(
        "Concat(Axis: 1) on [1, 6, 4, 4] and [1, 8, 5, 5]: [1, 8, 5, 5] differs from [1, 6, 4, 4] outside axis 1.\nPossible: [1, 8, 4, 4] for [1, 8, 5, 5].",
        () => Concat(1, Of(1, 6, 4, 4), Of(1, 8, 5, 5)), () => Concat(1, Of(1, 6, 4, 4), Of(1, 8, 4, 4)));

    [Fact]
    public void Axis_of_a_scalar() => Rejects(
        "Softmax(axis: -1) on []: a scalar has no axis.\nPossible: Reshape [] to [1].",
        () => Softmax(Of()), () => Softmax(Reshape(Of(), [1])));

    [Fact]
    public void Arg_max_of_a_scalar() => Rejects(
        "ArgMax(Axis: 0) on []: a scalar has no axis.\nPossible: Reshape [] to [1].",
        () => new ArgMax(0).Of(Of()), () => new ArgMax(0).Of(Reshape(Of(), [1])));

    [Fact]
    public void Arg_max_along_an_axis_that_is_not_there() => Rejects(
        "Max(Axis: 3) on [2, 3]: axis 3 must lie in 0..1.\nPossible: axis 1.",
        () => new Max(3).Of(Of(2, 3)), () => new Max(1).Of(Of(2, 3)));

    [Fact]
    public void Max_of_nothing() => Rejects(
        "Max(Axis: 0) on [0]: axis 0 is empty, so there is no largest element.\nPossible: a size of at least 1.",
        () => Max(Of(0)), () => Max(Of(1)));

    [Fact]
    public void Take_along_with_another_index() => Rejects(
        "TakeAlong(Axis: 1) on [4, 10] and [4]: the index must have the shape [4, 1].\nPossible: an index of shape [4, 1].",
        () => new TakeAlong(1).Of(Of(4, 10), At(4)), () => new TakeAlong(1).Of(Of(4, 10), At(4, 1)));

    [Fact]
    public void Put_along_with_another_index() => Rejects(
        "PutAlong(Axis: 1, Size: 10) on [4, 2] and [4, 1]: both must have the same shape with size 1 on axis 1.\nPossible: [4, 1] for both.",
        () => new PutAlong(1, 10).Of(Of(4, 2), At(4, 1)), () => new PutAlong(1, 10).Of(Of(4, 1), At(4, 1)));

    [Fact]
    public void Gather_with_an_index_of_rank_2() => Rejects(
        "Gather(Axis: 0) on [5, 3] and [2, 2]: the index must have rank 1, not 2.\nPossible: an index of shape [4].",
        () => Gather(Of(5, 3), At(2, 2), 0), () => Gather(Of(5, 3), At(4), 0));

    [Fact]
    public void Scatter_add_with_another_index() => Rejects(
        "ScatterAdd(Axis: 0, Size: 5) on [4, 3] and [2]: the index must have the shape [4], one position for each part.\nPossible: an index of shape [4].",
        () => new ScatterAdd(0, 5).Of(Of(4, 3), At(2)), () => new ScatterAdd(0, 5).Of(Of(4, 3), At(4)));

    [Theory, InlineData("TakeAlong(Axis: 2)"), InlineData("PutAlong(Axis: 2, Size: 3)"), InlineData("Gather(Axis: 2)"), InlineData("ScatterAdd(Axis: 2, Size: 3)")]
    public void Indexing_along_an_axis_that_is_not_there(string op)
    {
        Op2 Along(int axis) => op[0] switch
        {
            'T' => new TakeAlong(axis),
            'P' => new PutAlong(axis, 3),
            'G' => new Gather(axis),
            _ => new ScatterAdd(axis, 3),
        };
        var index = op[0] is 'T' or 'P' ? At(4, 1) : At(1);
        Rejects($"{op} on [4, 1] and {index.Shape}: axis 2 must lie in 0..1.\nPossible: axis 1.",
            () => Along(2).Of(Of(4, 1), index), () => Along(1).Of(Of(4, 1), index));
    }

    [Theory, InlineData("RandomUniform(Shape: [2])"), InlineData("RandomNormal(Shape: [2])"), InlineData("FoldIn(Purpose: 1)")]
    public void A_key_of_another_shape(string op)
    {
        Op1 random = op[0] == 'F' ? new FoldIn(1) : op[6] == 'U' ? new RandomUniform([2]) : new RandomNormal([2]);
        Rejects($"{op} on [3]: a key has the shape [2].\nPossible: Key.ToTensor().",
            () => random.Of(At(3)), () => random.Of(Indices(Key.Of(1).ToTensor())));
    }

    [Fact]
    public void Where_without_a_common_shape() => Rejects(
        "Select on [2, 3] and [2]: axis -1: sizes 3 and 2 differ and neither is 1.\nPossible: Reshape [2] to [2, 1], [1, 1] instead of [2].",
        () => Where(Of(2, 3), Of(2), Of()), () => Where(Of(2, 3), Reshape(Of(2), [2, 1]), Of()));

    [Fact]
    public void Select_of_different_shapes() => Rejects(
        "Select on [2] and [2] and [3]: [2], [2] and [3] must be equal.\nPossible: Select.Where, which repeats sizes of 1.",
        () => new Select().Of(Of(2), Of(2), Of(3)), () => Select.Where(Of(2), Of(2), Of(1)));
}
