namespace AutoDiffCnn;

/// <summary>How the learning rate changes in the course of training: its factor at point t, from 0 at the first step to
/// 1 behind the last. Each is a pure function of t, so any function of one's own is a schedule too.</summary>
/// <example><code>
/// Schedules.Linear(0.25) // 0.75
/// Schedules.WarmUp(0.1, Schedules.Cosine)(0.05) // 0.5
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), schedule: t => 1 / (1 + 10 * t));
/// </code></example>
public static class Schedules
{
    /// <summary>1: the rate stays.</summary>
    public static double Constant(double t) => 1;

    /// <summary>1 − t: large steps find the place, small ones settle there.</summary>
    public static double Linear(double t) => 1 - t;

    /// <summary>(1 + cos πt)/2: slow at both ends.</summary>
    /// <remarks>I. Loshchilov, F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.</remarks>
    public static double Cosine(double t) => (1 + Math.Cos(Math.PI * t)) / 2;

    /// <summary>(1 − t)ᵖ.</summary>
    /// <param name="power">p, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The power is negative or not finite.</exception>
    public static Func<double, double> Polynomial(double power)
    {
        Optimizer.Amount(nameof(power), power);
        return t => Math.Pow(1 - t, power);
    }

    /// <summary>lastᵗ: by the same share with every step, down to <paramref name="last"/>.</summary>
    /// <param name="last">The factor behind the last step, greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not greater than 0 or not finite.</exception>
    public static Func<double, double> Exponential(double last)
    {
        Optimizer.Amount(nameof(last), last);
        ArgumentOutOfRangeException.ThrowIfZero(last);
        return t => Math.Pow(last, t);
    }

    /// <summary>factorⁿ where n points are passed: <c>Steps(0.1, 0.5, 0.75)</c> is 1, 0.1 from the middle, 0.01 in the
    /// last quarter.</summary>
    /// <param name="factor">The factor of each step, at least 0.</param>
    /// <param name="points">Where the steps are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static Func<double, double> Steps(double factor, params double[] points)
    {
        Optimizer.Amount(nameof(factor), factor);
        return t => Math.Pow(factor, points.Count(point => t >= point));
    }

    /// <summary>From <paramref name="first"/> up to 1 at <paramref name="peak"/> and down to <paramref name="last"/>,
    /// both by half a cosine.</summary>
    /// <param name="peak">Where the factor is 1, in (0, 1).</param>
    /// <param name="first">The factor at the first step.</param>
    /// <param name="last">The factor behind the last.</param>
    /// <remarks>L. Smith, N. Topin, Super-Convergence, 2019; with PyTorch's numbers.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Func<double, double> OneCycle(double peak = 0.3, double first = 1.0 / 25, double last = 1.0 / 250_000)
    {
        Optimizer.Amount(nameof(first), first);
        Optimizer.Amount(nameof(last), last);
        return Join(peak, t => first + (1 - first) * Cosine(1 - t), t => last + (1 - last) * Cosine(t));
    }

    /// <summary>From 0 evenly up to where the other schedule begins, which takes the rest.</summary>
    /// <param name="share">The share of the training that this takes, in (0, 1).</param>
    /// <param name="then">What comes behind.</param>
    /// <remarks>P. Goyal et al., Accurate, Large Minibatch SGD, 2017.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The share lies outside its range.</exception>
    public static Func<double, double> WarmUp(double share, Func<double, double> then) =>
        Join(share, t => t * then(0), then);

    /// <summary>Two schedules one behind the other, each over its part from 0 to 1.</summary>
    /// <param name="at">Where the second begins, in (0, 1).</param>
    /// <param name="first">The one until there.</param>
    /// <param name="then">The one from there on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The point lies outside its range.</exception>
    public static Func<double, double> Join(double at, Func<double, double> first, Func<double, double> then) =>
        at is > 0 and < 1
            ? t => t < at ? first(t / at) : then((t - at) / (1 - at))
            : throw new ArgumentOutOfRangeException(nameof(at), at, "The point lies in (0, 1).");
}
