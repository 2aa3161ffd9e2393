using static AutoDiffCnn.Functions;

namespace AutoDiffCnn;

/// <summary>The optimisers, by the names that users write, and what goes around any of them; meant for <c>using static
/// AutoDiffCnn.Optimizers</c>.</summary>
/// <example><code>
/// var optimizer = Sgd(0.1, momentum: 0.9).WeightDecay(1e-4, "*.weight").ClipNorm(1).Freeze("conv1.*");
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, optimizer);
/// </code></example>
public static partial class Optimizers
{
    /// <summary>Stochastic gradient descent: see <see cref="SgdOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="momentum">How much of the last step's direction is kept.</param>
    /// <param name="nesterov">Whether the gradient is taken to be that of the point ahead.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Sgd(double rate, double momentum = 0, bool nesterov = false) =>
        new SgdOptimizer(rate, momentum, nesterov);

    /// <summary>The sign of a momentum: see <see cref="LionOptimizer"/>.</summary>
    /// <param name="rate">The learning rate, about a tenth of Adam's.</param>
    /// <param name="beta1">How much of the momentum is in the direction.</param>
    /// <param name="beta2">How much of the momentum is kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Lion(double rate = 1e-4, double beta1 = 0.9, double beta2 = 0.99) =>
        new LionOptimizer(rate, beta1, beta2);

    /// <summary>Rates that fall with all squares so far: see <see cref="AdagradOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Adagrad(double rate = 1e-2, double epsilon = 1e-10) => new AdagradOptimizer(rate, epsilon);

    /// <summary>Gradients by their running root mean square: see <see cref="RmsPropOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="alpha">How much of the running means is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <param name="momentum">How much of the last step's direction is kept.</param>
    /// <param name="centered">Whether it is their deviation instead of their root mean square.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer RmsProp(double rate = 1e-2, double alpha = 0.99, double epsilon = 1e-8,
        double momentum = 0, bool centered = false) => new RmsPropOptimizer(rate, alpha, epsilon, momentum, centered);

    /// <summary>Steps in the unit of the weights: see <see cref="AdadeltaOptimizer"/>.</summary>
    /// <param name="rate">The learning rate, which can stay 1.</param>
    /// <param name="rho">How much of the running means is kept.</param>
    /// <param name="epsilon">Lets the first step begin.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Adadelta(double rate = 1, double rho = 0.9, double epsilon = 1e-6) =>
        new AdadeltaOptimizer(rate, rho, epsilon);

    /// <summary>Adaptive moments: see <see cref="AdamOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How much of the gradient's running mean is kept.</param>
    /// <param name="beta2">How much of its square's running mean is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Adam(
        double rate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        new AdamOptimizer(rate, beta1, beta2, epsilon);

    /// <summary>Adam with decoupled weight decay: <c>Adam(…).DecoupledDecay(weightDecay)</c>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How much of the gradient's running mean is kept.</param>
    /// <param name="beta2">How much of its square's running mean is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <param name="weightDecay">λ of <see cref="DecoupledDecay"/>.</param>
    /// <remarks>I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer AdamW(double rate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8,
        double weightDecay = 1e-2) => Adam(rate, beta1, beta2, epsilon).DecoupledDecay(weightDecay);

    /// <summary>Adam with Nesterov's momentum: see <see cref="NAdamOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How much of the gradient's running mean is kept.</param>
    /// <param name="beta2">How much of its square's running mean is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <param name="momentumDecay">How fast the momentum grows to its full.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer NAdam(double rate = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8,
        double momentumDecay = 4e-3) => new NAdamOptimizer(rate, beta1, beta2, epsilon, momentumDecay);

    /// <summary>Adam with each step as long as the parameter, for large batches:
    /// see <see cref="LambOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How much of the gradient's running mean is kept.</param>
    /// <param name="beta2">How much of its square's running mean is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <param name="weightDecay">λ: λ·w is a part of the step before its length is set.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Lamb(double rate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-6,
        double weightDecay = 1e-2) => new LambOptimizer(rate, beta1, beta2, epsilon, weightDecay);

    /// <summary>1 − βᵗ as −(e^(t·ln β) − 1): the difference would lose most digits in single precision while t is
    /// small.</summary>
    internal static Node Correction(double beta, Node step) => -Expm1(step * Math.Log(beta));
}
