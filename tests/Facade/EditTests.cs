using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>Editing a network gives a new one; names are those that a model has.</summary>
public sealed class EditTests
{
    private static readonly Gen<Layer> simple = Gen.Elements(Conv2D(4, 3, Same), Conv2D(4, 1), BatchNorm(), Layer.Of(Relu), Layer.Of(Tanh),
        Named("stem", Conv2D(4, 3, Same)), Named("block", Conv2D(4, 3, Same) >> Relu), Tied("tied", Conv2D(4, 3, Same) >> Relu), Dropout(0.5));

    private static readonly Gen<Layer> chain = simple.NonEmptyListOf().Where(parts => parts.Count < 6 && Distinct(parts))
        .Select(parts => parts.Aggregate(Identity, (chain, next) => chain >> next));

    private static readonly Gen<Layer> block = Gen.OneOf(chain, chain.Select(body => Residual(body)), chain.Two().Select(two => Residual(two.Item1, two.Item2)),
        chain.Two().Select(two => Concat(two.Item1, two.Item2) >> Conv2D(4, 1)), chain.Two().Select(two => Branch(Maximum, two.Item1, two.Item2)),
        Gen.Elements(Conv2D(4, 3, Same) >> Relu, Residual(Conv2D(4, 1))).Select(body => Repeat(3, body)));

    private static readonly Gen<Layer> network =
        from blocks in block.NonEmptyListOf()
        where blocks.Count < 4
        let net = blocks.Select((each, i) => Named($"part{i}", each)).Aggregate(Identity, (all, next) => all >> next)
        select net >> GlobalAvgPool >> Dense(3);

    [Fact]
    public void The_names_that_can_be_edited_are_those_of_the_model() => Law.ForAll(network, net =>
        Assert.Equal(Paths(net).Order(StringComparer.Ordinal), Edits.Paths(net).Order(StringComparer.Ordinal)));

    [Fact]
    public void Replacing_and_replacing_back_is_the_same_network() => Law.ForAll(Chosen(network), at =>
    {
        var old = Find(at.Net, at.Name);
        var other = new Double(old.Kind);
        var changed = at.Net.Replace(at.Name, other);
        Assert.NotEqual(at.Net, changed);
        Assert.Equal(Paths(at.Net), Paths(changed.Replace(at.Name, old)));
        Assert.Equal($"{Written(at.Net)}", $"{Written(changed.Replace(at.Name, old))}");
    });

    [Fact]
    public void A_replaced_layer_stands_under_its_name_and_the_rest_stays() => Law.ForAll(Chosen(network), at =>
    {
        var changed = at.Net.Replace(at.Name, new Double(Find(at.Net, at.Name).Kind));
        var inside = at.Name + ".";
        Assert.Equal(Untied(at.Net).Where(path => !path.StartsWith(inside, StringComparison.Ordinal)), Untied(changed));
    });

    [Fact]
    public void Without_a_layer_its_input_goes_on()
    {
        var net = Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Flatten >> Dense(10);
        Assert.Equal(Conv2D(6, 5, Same) >> Relu >> Flatten >> Dense(10), net.Without("pool1"));
        Assert.Equal(net, net.Without("pool1").Replace("relu1", Layer.Of(Relu) >> MaxPool(2)));
        Assert.Equal(Repeat(1, Layer.Of(Relu)) >> Dense(2), (Repeat(1, Layer.Of(Relu)) >> Dropout(0.5) >> Dense(2)).Without("dropout1"));
    }

    [Fact]
    public void Parts_of_residuals_branches_and_repeats_are_edited()
    {
        var net = Residual(Conv2D(8, 3, Same) >> Relu, Conv2D(8, 1)) >> Repeat(2, Conv2D(8, 3, Same) >> Relu) >> Concat(MaxPool(2), AvgPool(2));
        Assert.Equal("Residual(Conv2D(8, 3, Same) >> Tanh, Conv2D(8, 1)) >> Repeat(2, Conv2D(8, 3, Same) >> Relu) >> Concat(MaxPool(2), AvgPool(2))",
            $"{net.Replace("residual1.relu1", Layer.Of(Tanh))}");
        Assert.Equal("Residual(Conv2D(8, 3, Same) >> Relu, Conv2D(8, 1, bias: false)) >> Repeat(2, Conv2D(8, 3, Same) >> Relu) >> Concat(MaxPool(2), AvgPool(2))",
            $"{net.Replace("residual1.shortcut.conv1", Conv2D(8, 1, bias: false))}");
        Assert.Equal("Residual(Conv2D(8, 3, Same) >> Relu, Conv2D(8, 1)) >> Conv2D(8, 3, Same) >> Relu >> Conv2D(8, 1) >> Relu >> Concat(MaxPool(2), AvgPool(2))",
            $"{net.Replace("conv2", Conv2D(8, 1))}");
        Assert.Equal("Residual(Conv2D(8, 3, Same) >> Relu, Conv2D(8, 1)) >> Repeat(2, Conv2D(8, 3, Same) >> Relu) >> Concat(MaxPool(2), MaxPool(2))",
            $"{net.Replace("concat1.branch2.pool1", MaxPool(2))}");
    }

    [Fact]
    public void What_takes_the_place_of_a_named_layer_has_its_name()
    {
        var net = Named("stem", Conv2D(8, 3)) >> GlobalAvgPool >> Named("head", Dense(10));
        Assert.Equal(["stem.weight", "stem.bias", "head.weight", "head.bias"],
            net.Replace("head", Dense(5, init: Init.Zeros)).Build([1, 1, 8, 8]).Parameters.Select(p => p.Name));
        Assert.Equal(Named("stem", Conv2D(8, 3)) >> GlobalAvgPool >> Named("tail", Dense(5)), net.Replace("head", Named("tail", Dense(5))));
        Assert.Equal(Named("stem", Conv2D(8, 3)) >> GlobalAvgPool, net.Without("head"));
    }

    [Fact]
    public void Taking_the_first_layers()
    {
        Assert.Equal(Conv2D(6, 5, Same) >> Relu >> MaxPool(2), Models.LeNet5.Take(3));
        Assert.Equal(Conv2D(6, 5, Same) >> Relu >> MaxPool(2), Models.LeNet5.Take("pool1"));
        Assert.Equal(Models.LeNet5, Models.LeNet5.Take(100));
        Assert.Equal(Identity, Models.LeNet5.Take(0));
        Assert.Equal([1, 16, 14, 14], (Conv2D(16, 3, 1) >> Residual(Conv2D(16, 3, 1)) >> Dense(2)).Take("residual1").Build([1, 3, 14, 14]).Output.Shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => Models.LeNet5.Take(-1));
        Law.ForAll(network, net => Assert.Equal(Paths(net), Paths(net.Take(1000))));
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        var net = Conv2D(6, 5) >> Relu >> Residual(Dense(10));
        Assert.StartsWith("there is no layer conv2; there are conv1, relu1, residual1, residual1.dense1.",
            Assert.Throws<ArgumentException>(() => net.Replace("conv2", Identity)).Message);
        Assert.StartsWith("there is no layer residual1.dense1; there are conv1, relu1, residual1.",
            Assert.Throws<ArgumentException>(() => net.Take("residual1.dense1")).Message);
    }

    [Fact]
    public void A_model_prints_as_a_tree()
    {
        var net = Named("stem", Conv2D(8, 3, Same, bias: false)) >> Residual(Conv2D(8, 3, Same) >> BatchNorm(), Conv2D(8, 1)) >> Relu
            >> Concat(Identity, MaxPool(3, 1, 1)) >> Repeat(2, Conv2D(4, 1)) >> GlobalAvgPool >> Dense(10);
        Assert.Equal(
            """
            model           [1, 1, 28, 28] to [1, 10]        882
            ├─ stem         Conv2D(8, 3, Same, bias: false)   72
            ├─ residual1    Residual                         672
            │  ├─ conv1     Conv2D(8, 3, Same)               584
            │  ├─ norm1     BatchNorm()                       16
            │  └─ shortcut                                    72
            │     └─ conv1  Conv2D(8, 1)                      72
            ├─ relu1        Relu                               0
            ├─ concat1      Concat                             0
            │  └─ branch2                                      0
            │     └─ pool1  MaxPool(3, 1, 1)                   0
            ├─ conv1        Conv2D(4, 1)                      68
            ├─ conv2        Conv2D(4, 1)                      20
            ├─ pool1        GlobalAvgPool                      0
            └─ dense1       Dense(10)                         50
            """, $"{net.Build([1, 1, 28, 28])}");
    }

    private static bool Distinct(IEnumerable<Layer> parts) =>
        parts.OfType<NamedLayer>().GroupBy(named => named.Label).All(group => group.Count() == 1);

    private static Gen<(Layer Net, string Name)> Chosen(Gen<Layer> networks) =>
        networks.SelectMany(net => Gen.Elements(Edits.Paths(net).Where(name => name.StartsWith("part", StringComparison.Ordinal))).Select(name => (net, name)));

    private static IEnumerable<string> Paths(Layer net) =>
        net.Build([2, 4, 5, 5]).Layers.Select(layer => layer.Path);

    /// <summary>Without the tied layers: one that is inside another is not under its name, and goes with it.</summary>
    private static IEnumerable<string> Untied(Layer net) => Paths(net).Where(path => !path.StartsWith("tied", StringComparison.Ordinal));

    private static Layer Find(Layer net, string path) => net.Build([2, 4, 5, 5]).Layers.First(layer => layer.Path == path).Layer;

    /// <summary>The layers of a network with their names: a repeat that was edited is written out.</summary>
    private static string Written(Layer net) =>
        string.Join("\n", net.Build([2, 4, 5, 5]).Layers.Select(layer => $"{layer.Path}: {(layer.IsLeaf ? $"{layer.Layer}" : "")}"));

    /// <summary>Gives four channels, as every layer that it stands in for, under any kind's name.</summary>
    private sealed record Double(string KindOf) : ScopedLayer
    {
        public override string Kind => KindOf;

        protected override Node Forward(Scope scope, Node x) => 2 * Part(x, 1, 0, 4);
    }
}
