// What 09-gradient-checks.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
#:project ../../src/Facade/../GradKit/GradKit.csproj
#:project ../../src/Facade/Facade.csproj

using AutoDiffCnn;
using FsCheck.Fluent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System;
using static AutoDiffCnn.Functions;
using static Cells;

// # Gradient checks as properties; mutants; an op of your own
//
// A wrong gradient does not crash. The network just learns a little worse, and nobody knows why. In this notebook you attack gradients until they fall: first with one finite difference, then with
// properties that every right gradient has, in random cases that shrink themselves. You will break right rules on purpose to see whether the attack notices, and at the end add an op of your own
// that passes all of it.

// ## One finite difference
//
// A derivative is the limit of a quotient. So compute the quotient, with a small $h$, and compare:
//
// $$\frac{f(x+h) - f(x)}{h} \approx f'(x), \qquad\text{or better, from both sides,}\qquad \frac{f(x+h) - f(x-h)}{2h}$$
//
// How small should $h$ be? Here are both, for $f(x) = 1/(1 + x^2)$ at $x = 2$, where the derivative is $-0.16$.

double F(double x) => 1 / (1 + x * x);
double OneSide(double h) => (F(2 + h) - F(2)) / h;
double BothSides(double h) => (F(2 + h) - F(2 - h)) / (2 * h);
double Error(double slope) => Math.Abs(slope + 0.16);
double[] hs = [.. Enumerable.Range(2, 42).Select(k => Math.Pow(0.5, k))];
Show(() => Chart.Plot(
        Chart.Line(hs, hs.Select(h => Error(OneSide(h))), "one side"),
        Chart.Line(hs, hs.Select(h => Error(BothSides(h))), "both sides"))
    .WithTitle("the error of a difference").WithXTitle("h").WithYTitle("error").WithLogX().WithLogY()
    .WithSize(600, 360));

// Read it from the right. Half the $h$ gives half the error for the difference of one side and a quarter for that of both, because the first neglects terms of order $h$, the second of order $h^2$. Then the lines turn. What is subtracted becomes
// so alike that only rounding is left, and dividing by $h$ magnifies it. The best $h$ is near $\sqrt{\varepsilon} \approx 10^{-8}$ for one and $\sqrt[3]{\varepsilon} \approx 10^{-5}$ for the other. In single precision there is
// hardly any room between both errors, so **gradients are checked in double precision**.
//
// Combining two steps removes the next term, too. That is *Richardson's extrapolation*: the error of the second is $c h^2 + O(h^4)$, so four times the one at $h/2$, minus the one at $h$, has it cancelled.

double Richardson(double h) => (4 * BothSides(h / 2) - BothSides(h)) / 3;
var (without, with) = (Error(BothSides(0.01)), Error(Richardson(0.01)));
Claim.That(without > 1e-6 && with < 1e-9);
Console.WriteLine($"both sides {without:0.0e0}\nRichardson {with:0.0e0}");

// ## From an example to a property
//
// One point proves little. A rule may be right for positive numbers only, for square matrices only, for a batch of one. So state what must hold *always*, and let a machine look for the case in which it does not. `GradKit.Check` does that
// with one line; here for a function of the literature, on shapes and values that it draws itself.

Func<Node, Node> mish = x => x * Tanh(Softplus(x));
GradKit.Check(mish);

// Silence means that it holds. `Attack` gives the report.

var report = GradKit.Attack(mish, new Budget(Cases: 40));
Claim.That(report.Holds);
Show(() => report.ToString());

// Twelve properties were tried in forty cases. They are worth reading:

foreach (var property in Property.All)
    Console.WriteLine($"{property.Name}: {property.Proves}");

// Here $J$ is the matrix of derivatives, and the rule of an op computes $J^\top u$ for a given $u$. The trick that makes it cheap is in *differences*: one does not measure each element of $J$, but one number,
// $\langle J^\top u, v\rangle$, which must be the slope of $\langle u, f(x)\rangle$ along $v$. With $u$ and $v$ random, a wrong element shows with probability 1.
//
// ## The shape contract
//
// The first property is the plainest, and catches a surprising part of all mistakes: **the gradient has the shape of what it belongs to**. There is one number in $db$ for each number in $b$. Whoever forgets that a bias is used by every example of the batch, and
// so must be summed over it, breaks it.

var bias = Backprop.Compare(
    inputs => inputs[0] + Reshape(inputs[1], [1, 3]),
    (inputs, dy) => [dy, dy],
    [4, 3], [3]);
Claim.That(bias.Report!.Finding!.Property == Property.Shapes);
var what = bias.Report.Finding;
Console.WriteLine($"{what.Property}: {what.What}\n{what.Mistake}");

var conv = (Layers.Conv2D(2, 3) >> Relu >> Flatten >> Layers.Dense(3)).Build([4, 1, 6, 6]);
Node[] weights = [.. conv.Parameters.Select(parameter => parameter.Variable)];
var gradients = Gradient.Of(Sum(Square(conv.Output)), weights);
Claim.That(weights.Zip(gradients).All(pair => pair.First.Shape == pair.Second.Shape));
Show(() => string.Join("  ", gradients.Select(gradient => gradient.Shape)));

// ## A wrong rule, found
//
// Somebody writes an op tanh, and in its rule remembers $1 - y$ where it is $1 - y^2$. (An op is a record with a formula and a rule; more of that below.)

// Would you have seen it? Here is the slope that it gives, beside the right one. For small positive numbers it is not even far off, and a network with it would learn something.

double[] at = [.. Enumerable.Range(-20, 41).Select(i => i / 10.0)];
double[] SlopeOf(Func<Node, Node> f) => Grad(x => Sum(f(x)))(Tensor.Of(at)).Value.ToDoubles();
Show(() => Chart.Plot(
        Chart.Line(at, SlopeOf(Tanh), "right: 1 − y²"),
        Chart.Line(at, SlopeOf(x => new HandmadeTanh().Of(x)), "by hand: 1 − y"))
    .WithTitle("the slope of tanh").WithXTitle("x").WithYTitle("slope").WithSize(560, 320));

Node Suspect(Node x) => Sin(new HandmadeTanh().Of(x)) * x;
var fallen = GradKit.Attack(Suspect, new Budget(Cases: 100));
Claim.That(!fallen.Holds);
Console.WriteLine($"{fallen.Title}\n{fallen.Finding!.What}\n{fallen.Finding.Case}");

// Read what happened. The attack was on a function of three ops, and on arrays of several numbers. One case broke; then everything about it was made smaller for as long as it still broke: the sine and the product went, the shape shrank to a
// scalar, and the value became short. What is left is one op at one number, the smallest example of the mistake, and the op to blame:

Claim.That(fallen.Finding.Case.Inputs[0].Value.Count == 1);
Show(() => fallen.Finding.Op!.Name);

// ## Mutants: who checks the checker?
//
// A test that never fails proves nothing. So take right rules, put one classic mistake into each, and see whether they are caught. Such broken versions are called *mutants*; a good suite kills them all. Here are ten,
// some of them nasty: a mean for a sum, a rule off by one hundred-thousandth, one whose *first* derivative is right and second is wrong.
// `CustomVjp` gives a function a rule of one's own.

(string Title, Func<Node, Node> F)[] mutants =
[
    ("sin: slope at y", CustomVjp(Sin, (x, y, dy) => dy * Cos(y))),
    ("cos: sign", CustomVjp(Cos, (x, y, dy) => dy * Sin(x))),
    ("sqrt: half forgotten", CustomVjp(Sqrt, (x, y, dy) => dy / y)),
    ("log: upside down", CustomVjp(Log, (x, y, dy) => dy * x)),
    ("exp: almost right", CustomVjp(Exp, (x, y, dy) => 1.00001 * dy * y)),
    ("exp: cotangent ignored", CustomVjp(Exp, (x, y, dy) => y)),
    ("relu: of the cotangent", CustomVjp(Relu, (x, y, dy) => Relu(dy))),
    ("sum: mean", CustomVjp(x => Sum(x), (x, y, dy) => BroadcastTo(dy / x.Shape.Elements, x.Shape))),
    ("square: nothing passes", CustomVjp(x => x * x, (x, y, dy) => null)),
    ("exp: value baked in", CustomVjp(Exp, (x, y, dy) => dy * StopGradient(y))),
];

foreach (var (title, f) in mutants)
{
    var finding = GradKit.Attack(f, new Budget(Cases: 200)).Finding;
    Claim.That(finding is not null, title);
    Console.WriteLine($"{title,-25}{finding!.Property.Name,-29}{finding.Mistake}");
}

// All ten are dead. The second column says which property killed them, the third what GradKit calls the mistake; it finds the name by trying what the gradient would be if that mistake had been made. The library's own tests do the same with more than forty
// mutants of its ops.
//
// Look at the last one. Its first derivative is right, so differences do not see anything. Only a second derivative shows that $y$ was treated as a constant in the rule.
//
// ## Kinks
//
// Where a function has a kink there is no derivative to be right or wrong about. At 0, relu has the slope 0 on one side and 1 on the other; a convention between them is fine, any other number is a mistake.

Node TwoAtZero(Node x, Node dy) => dy * (Less(0, x) + 2 * Equal(x, 0));
var zero = Variable("x", [1]);
(Node, Tensor) atZero = (zero, Tensor.Of([0]));
GradKit.Check(Relu(zero), atZero); // the library's: 0, and it says so
var wrongRelu = CustomVjp(Relu, (x, y, dy) => TwoAtZero(x, dy))(zero);
var caught = false;
try
{
    GradKit.Check(wrongRelu, atZero);
}
catch (FalsifiedError)
{
    caught = true;
}
Claim.That(caught);

// ## Total rules
//
// There is another silent mistake: a rule that nobody has written. Some libraries then pass zeros. Here every op has exactly one of three answers, and "I forgot" is not among them: a derivative; nothing passes, by definition of the op; or
// there is none, and asking is an error.

var answers = OpTable.Rows.GroupBy(row => row.Derivative)
    .ToDictionary(group => group.Key, group => group.Select(row => row.Op.Name).ToArray());
Claim.That(answers[Derivative.StoppedByDefinition].Contains("StopGradient"));
Claim.That(answers[Derivative.None].Contains("ArgMax"));
foreach (var (answer, ops) in answers.OrderBy(pair => pair.Key).Skip(1))
    Console.WriteLine($"{answer}: {string.Join(", ", ops)}");

var scores = Variable("scores", [3]);
var message = "";
try
{
    Gradient.Of(Sum(OneHot(ArgMax(scores, 0), 3)), scores);
}
catch (NotDifferentiableError error)
{
    message = error.Message;
}
Claim.That(message.Contains("not differentiable"));
Show(() => message);

// ## An op of your own
//
// First ask whether it must be an op. A function of nodes needs no rule at all: its gradient comes from its parts, and the compiler fuses them. `mish` above was such a function. But suppose that we want an op: with a name of its own in
// prints, and a rule in the form that we like. The *bent identity* is
//
// $$y = \frac{\sqrt{x^2 + 1} - 1}{2} + x, \qquad \frac{dy}{dx} = \frac{x}{2\sqrt{x^2 + 1}} + 1.$$

// A record with a formula and a rule, nothing to register. `Map1` says that each element is computed for itself. The formula is written once for any kind of number `V`: doubles for reference, vectors of floats for speed.

Node Bent(Node x) => new BentIdentity().Of(x);
double[] xs = [.. Enumerable.Range(-40, 81).Select(i => i / 10.0)];
double[] On(Func<Node, Node> f) => f(Tensor.Of(xs)).Value.ToDoubles();
Func<Node, Node> first = Grad(x => Sum(Bent(x)));
Func<Node, Node> second = Grad(x => Sum(first(x)));
Show(() => Chart.Plot(Chart.Line(xs, On(Bent), "y"), Chart.Line(xs, On(first), "y'"), Chart.Line(xs, On(second), "y''"))
    .WithTitle("the bent identity and its derivatives").WithXTitle("x").WithYTitle("value")
    .WithSize(560, 340));

// The second derivative came for free, from the rule's parts. Is all of that right? Attack it alone, and then in random graphs together with all ops of the library, at first and second order, on the compiled path as well.

GradKit.Check(Bent, new Budget(Cases: 100));
GradKit.Check(x => Bent(Bent(x) * Sin(x)));

var row = new OpRow(typeof(BentIdentity),
    Values.Planted([2, 3]).Select(x => new OpCase(new BentIdentity(), [x])));
var inGraphs = GradKit.Attack(Subject.Graphs([.. OpTable.Rows, row]), new Budget(Cases: 60));
Claim.That(inGraphs.Holds);
Show(() => inGraphs.Title);

// And if we had forgotten the 2? Then this is what one reads. At the end stands C# that can be pasted into a test, so that the mistake never comes back.

var careless = GradKit.Attack(x => new Careless().Of(x));
Claim.That(!careless.Holds);
Show(() => careless.ToString());

// ## Laws
//
// Not only gradients have properties. Two ways to compute the same must agree, in values and in gradients, for all inputs. The library knows some laws of convolutions and pools; you have met most of them in the notebooks before.

foreach (var law in Laws.All)
{
    GradKit.Check(law, new Budget(Cases: 30));
    Console.WriteLine(law.Name);
}

// ## The same case again
//
// Random, and yet repeatable: case $i$ is drawn from the seed $1 + i$, by a generator that reads no clock. Whoever gets your report can try the same case.

var seed = fallen.Finding.Seed;
var again = GradKit.Attack(Suspect, new Budget(Cases: 1, Seed: seed));
Claim.That(again.Finding!.What == fallen.Finding.What);

// What such an attack cannot find: what no case reaches, a mistake below its tolerance of $10^{-8}$, and a *meaning* that is wrong. The gradient is compared with the function that you gave. Whether that is the function
// you wanted, a test with numbers must say.
//
// ## Exercises
//
// **1.** The rule of $\sqrt{x}$ above lacks something. By which factor is its gradient too large?

double? factor = null; // your answer
Show(() => Exercise.Check(factor, (Grad(mutants[2].F)(4) / Grad(Sqrt)(4)).Value.Scalar));

// **2.** Repair the rule of this function, $y = x^3$, so that the attack no longer finds anything. Change `dy`.

var cube = CustomVjp(x => x * x * x, (x, y, dy) => dy);
var holds = GradKit.Attack(cube, new Budget(Cases: 50)).Holds;
Show(() => Exercise.Check(holds ? "holds" : null, "holds"));

// **3.** A difference of both sides has the error $c\,h^2$ as long as rounding plays no part. With $h = 0.1$ it is off by 0.02. What will it be off by with $h = 0.05$?

double? off = null; // your answer
Show(() => Exercise.Check(off, 0.02 * Math.Pow(0.05 / 0.1, 2)));

// ## Where to go from here
//
// [10](10-optimisers.ipynb) puts gradients to work. What GradKit can do, and what its tolerances are, is in `docs/gradkit.md`.
//
// * K. Claessen, J. Hughes, *QuickCheck: a lightweight tool for random testing of Haskell programs*, 2000: properties, random cases, shrinking.
// * R. DeMillo, R. Lipton, F. Sayward, *Hints on test data selection*, 1978: mutants.
// * CS231n, *Neural networks 3: gradient checks*; UFLDL, *Gradient checking*; A. Griewank, A. Walther, *Evaluating Derivatives*, 2008.

sealed record HandmadeTanh : Map1<HandmadeTanh>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Tanh(x);

    public override Node? Vjp(Node x, Node y, Node dy) => dy * (1 - y);
}

sealed record BentIdentity : Map1<BentIdentity>, IFormula1
{
    static V IFormula1.Of<V>(V x) =>
        (V.Sqrt(x * x + V.Of(1)) - V.Of(1)) / V.Of(2) + x;

    public override Node? Vjp(Node x, Node y, Node dy) =>
        dy * (x / (2 * Sqrt(x * x + 1)) + 1);
}

sealed record Careless : Map1<Careless>, IFormula1
{
    static V IFormula1.Of<V>(V x) => (V.Sqrt(x * x + V.Of(1)) - V.Of(1)) / V.Of(2) + x;

    public override Node? Vjp(Node x, Node y, Node dy) => dy * (x / Sqrt(x * x + 1) + 1);
}

/// <summary>Prints what the notebook shows.</summary>
internal static class Cells
{
    public static void Show<T>(Func<T> value) => value().Display();

    public static void Show(Action action) => action();

    public static Shown display(object? value) => value.Display();

    public static Shown Display(this object? value) => new Shown().Update(value);

    internal sealed class Shown
    {
        public Shown Update(object? value)
        {
            Console.WriteLine(value is System.Collections.IEnumerable items && $"{value}" == $"{value.GetType()}"
                ? $"[ {string.Join(", ", items.Cast<object>())} ]"
                : value);
            return this;
        }
    }
}
