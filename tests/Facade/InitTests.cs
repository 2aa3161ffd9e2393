namespace FacadeTests;

public sealed class InitTests
{
    private static readonly Shape Kernel = [64, 16, 5, 5];

    // Fan-in 16·25 = 400, fan-out 64·25 = 1600, as PyTorch's _calculate_fan_in_and_fan_out computes them.
    [Fact]
    public void Uniform_rules_fill_their_interval()
    {
        Within(Init.HeUniform, Math.Sqrt(6.0 / 400));
        Within(Init.XavierUniform, Math.Sqrt(6.0 / 2000));
        Within(Init.Uniform(-0.5, 0.5), 0.5);

        static void Within(Init init, double bound)
        {
            var values = init.Of(Key.Of(7), Kernel).ToDoubles();
            Assert.All(values, value => Assert.InRange(value, -bound, bound));
            Assert.InRange(values.Max(), 0.999 * bound, bound);
            Assert.InRange(values.Average(), -0.02 * bound, 0.02 * bound);
            Assert.Equal(bound * bound / 3, values.Average(v => v * v), 0.02 * bound * bound);
        }
    }

    [Fact]
    public void Normal_rules_have_their_deviation()
    {
        Deviates(Init.HeNormal, Math.Sqrt(2.0 / 400));
        Deviates(Init.XavierNormal, Math.Sqrt(2.0 / 2000));
        Deviates(Init.Normal(0, 3), 3);

        static void Deviates(Init init, double deviation)
        {
            var values = init.Of(Key.Of(7), Kernel).ToDoubles();
            Assert.Equal(1, Math.Sqrt(values.Average(v => v * v)) / deviation, 0.02);
            Assert.InRange(values.Max(), 3 * deviation, 6 * deviation);
        }
    }

    [Fact]
    public void A_truncated_normal_ends_at_two_deviations()
    {
        var values = Init.TruncatedNormal(1, 0.5).Of(Key.Of(7), Kernel).ToDoubles();
        Assert.All(values, value => Assert.InRange(value, 0, 2));
        Assert.InRange(values.Max(), 1.99, 2);
        Assert.Equal(1, values.Average(), 0.01);

        // The variance of a normal distribution cut at ±2: 1 − 2·2·φ(2)/(2Φ(2) − 1) = 0.7737.
        Assert.Equal(0.7737 * 0.25, values.Average(v => (v - 1) * (v - 1)), 0.003);
    }

    [Fact]
    public void Constants()
    {
        Assert.Equal(Tensor.Of([0, 0]), Init.Zeros.Of(Key.Of(1), [2]));
        Assert.Equal(Tensor.Of([1, 1]), Init.Ones.Of(Key.Of(1), [2]));
        Assert.Equal(Tensor.Of([0.1, 0.1]), Init.Constant(0.1).Of(Key.Of(1), [2]));
    }

    [Fact]
    public void The_same_key_gives_the_same_weights_and_each_parameter_its_own()
    {
        var model = (Dense(8) >> Dense(8)).Build([1, 8]);
        var weights = model.Init(Key.Of(3));
        Assert.Equal(weights.Sha256(), model.Init(Key.Of(3)).Sha256());
        Assert.NotEqual(weights.Sha256(), model.Init(Key.Of(4)).Sha256());
        Assert.NotEqual(weights["dense1.weight"], weights["dense2.weight"]);
        Assert.Equal(Tensor.Fill([8], 0), weights["dense1.bias"]);
        Assert.All(weights.Values, value => Assert.True(value.IsSingle));
    }

    [Fact]
    public void The_hash_is_that_of_the_bits_in_the_order_of_the_names()
    {
        // sha256 of the bytes of 1.0f and then 2.0f, little endian: 0000803f 00000040.
        var weights = new Weights([KeyValuePair.Create("b", Tensor.Of([2])), KeyValuePair.Create("a", Tensor.Of([1]))]);
        var bytes = Convert.FromHexString("0000803f00000040");
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), weights.Sha256());
        Assert.Equal(["a", "b"], weights.Keys);
    }

    [Fact]
    public void Weights_that_do_not_fit_say_what_is_wrong()
    {
        var model = Dense(2).Build([1, 3]);
        var weights = model.Init(Key.Of(1));
        Assert.Equal("dense1.bias has [3] in the weights, the model needs [2].",
            Assert.Throws<WeightsError>(() => model.Bind(weights.With("dense1.bias", Tensor.Fill([3], 0))).ToList()).Message);
        Assert.Equal("the model has dense1.weight [2, 3], the weights have no such name; they have a.",
            Assert.Throws<WeightsError>(() => model.Bind(new Weights([KeyValuePair.Create("a", Tensor.Of(1))])).ToList()).Message);
    }
}
