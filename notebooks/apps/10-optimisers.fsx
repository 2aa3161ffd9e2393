// What 10-optimisers.ipynb does, without a notebook: dotnet fsi FILE. Made by autodiffcnn notebook app.
#r "../../src/Facade/bin/Release/net10.0/AutoDiffCnn.Graph.dll"
#r "../../src/Facade/bin/Release/net10.0/AutoDiffCnn.Ops.dll"
#r "../../src/Facade/bin/Release/net10.0/AutoDiffCnn.Cpu.dll"
#r "../../src/Facade/bin/Release/net10.0/AutoDiffCnn.dll"

/// Prints what the notebook shows.
let show (value: obj) =
    match value with
    | null -> ()
    | value -> printfn "%O" value

// # Optimisers, all of it in F\#
//
// A gradient says which way is down. How far to go, and what to remember of the way so far, is the optimiser's business. Here you will write descent, momentum and Adam as
// small functions, see why a learning rate must stay below $2/\lambda_{\max}$, and then let the library's optimisers run against each other. F# suits this:
// a training loop is a fold, and nothing is ever changed in place.

open System
open AutoDiffCnn
open type AutoDiffCnn.Functions

// ## A loss with two weights
//
// We begin with a loss that one can look at. There is an image with a dark bar, and the answer of an edge detector to it. Which kernel of two weights gives that answer?
// (It is $[1, -1]$; [05](05-edges-and-filters.ipynb) is about that.)

let image = Tensor.From(Shape.From [ 6; 8 ], fun i -> if i % 8 >= 2 && i % 8 < 6 then 0.0 else 1.0)
let edges = CrossCorrelate(image, Constant(Tensor.Of [| [| 1.0; -1.0 |] |])).Value

let loss (w: Node) =
    Sum(Square(CrossCorrelate(image, Reshape(w, Shape.From [ 1; 2 ])) - Constant edges))

Claim.Near(loss(Tensor.Of [| 1.0; -1.0 |]).Value.Scalar, 0.0)
box (image) |> show

// The sum of squared errors, as a landscape over both weights. It is a valley, longer in one direction than in the other.

let landscape = Chart.Contour(loss, struct (-0.6, 2.2), struct (-2.2, 0.6))

box (
    landscape.WithTitle("squared error of a kernel").WithXTitle("first weight").WithYTitle("second weight")
        .WithSize(480, 440)
)
|> show

// ## Descent
//
// One step of gradient descent is one line, $w \leftarrow w - \eta \, \nabla L(w)$, and training repeats it. Functions of nodes build a graph, `value` runs it; `descent` is
// a function from weights to weights, and knows no loop:

let value (node: Node) = node.Value
let gradient (f: Node -> Node) w = Grad(f).Invoke(Constant w)

let descent (rate: float) f w =
    Constant w - rate * gradient f w |> value

// A loop, then, is the list of all places that one comes through. `List.scan` gives it.

let walk steps step start =
    [ 1..steps ] |> List.scan (fun state _ -> step state) start

let height f w = f (Constant w) |> value |> _.Scalar
let heights f = List.map (height f)

let origin = Tensor.Of [| 0.0; 0.0 |]

// Ten steps with $\eta = 0.03$, from $w = (0, 0)$. A well-known book trains this kernel with the same numbers, and prints the loss in every second step, before the weights change.

let places = walk 10 (descent 0.03 loss) origin
let losses = heights loss places

for step in 2..2..10 do
    printfn "step %2d: loss %.3f" step losses[step - 1]

box (
    List.iter2 (fun step expected -> Claim.Near(losses[step - 1], expected, 5e-4))
        [ 2; 4; 6; 8; 10 ] [ 4.915; 0.825; 0.138; 0.023; 0.004 ]
)
|> show

let learnt = List.last places
Claim.Same(learnt, Tensor.Of [| 0.9885; -0.9885 |], 1e-4)
box (learnt) |> show

// It works. With a little impatience, one would take larger steps:

let curve rate =
    Chart.Line(walk 30 (descent rate loss) (Tensor.Of [| 0.0; 0.5 |]) |> heights loss, $"rate {rate}")

box (
    Chart.Plot([ 0.01; 0.03; 0.0333; 0.034 ] |> List.map curve)
        .WithTitle("one loss, four learning rates").WithXTitle("step").WithYTitle("loss").WithLogY()
        .WithSize(620, 360)
)
|> show

// Something happens between 0.0333 and 0.034. Below it the loss falls, above it the loss *grows*, without end. Where exactly is that, and why?
//
// ## Why the rate must stay below $2/\lambda$
//
// Near a minimum $w^*$ any smooth loss is quadratic, and this one is so everywhere:
// $L(w) = \tfrac12 (w - w^*)^\top H (w - w^*)$ with the Hessian $H$. The gradient is $H(w - w^*)$, so one step takes the error to
//
// $$w - w^* \;\leftarrow\; (1 - \eta H)(w - w^*).$$
//
// Along an eigenvector of $H$ with eigenvalue $\lambda$ that is a multiplication by $1 - \eta\lambda$, at every step, for itself alone. Here is $H$:

let hessian = Hessian(loss).Invoke(Constant origin) |> value
Claim.Same(hessian, Tensor.Of [| [| 36.0; 24.0 |]; [| 24.0; 36.0 |] |], 1e-9)
box (hessian) |> show

// Its eigenvectors are $(1, -1)$, along the valley, with $36 - 24 = 12$, and $(1, 1)$, across it, with $36 + 24 = 60$. For networks with millions of weights one cannot write $H$ down, but
// products of $H$ with a vector are cheap, and `Curvature` finds the largest eigenvalues with them:

let w = Variable("w", Shape.From [ 2 ])
let curvature = Curvature.Of(loss w, w, 2, ReadOnlySpan [| struct (w, origin) |])
Claim.Near(curvature.Eigenvalues[0], 60.0, 1e-6)
Claim.Near(curvature.Eigenvalues[1], 12.0, 1e-6)
Claim.Near(curvature.LargestRate, 1.0 / 30.0, 1e-6)
box (printfn "eigenvalues %.3f and %.3f" curvature.Eigenvalues[0] curvature.Eigenvalues[1]) |> show

// With $\eta = 0.03$ the factors are $1 - 0.03 \cdot 12 = 0.64$ and $1 - 0.03 \cdot 60 = -0.8$: along the valley the error shrinks, across it the error changes its sign each time and shrinks, too.
// Let us measure them, one direction at a time.

let minimum = Tensor.Of [| 1.0; -1.0 |]
let along = Tensor.Of [| 1.0; -1.0 |]
let across = Tensor.Of [| 1.0; 1.0 |]

/// By what an error in a direction is multiplied in one step.
let factor rate (direction: Tensor) =
    let next = Constant minimum + Constant direction |> value |> descent rate loss
    (next.At(0) - minimum.At(0)) / direction.At(0)

Claim.Near(factor 0.03 along, 0.64)
box (Claim.Near(factor 0.03 across, -0.8)) |> show

// An error grows if $|1 - \eta\lambda| > 1$, and since $\eta$ and $\lambda$ are positive that means $\eta > 2/\lambda$. The **steepest** direction decides, however long the valley is in the others:
//
// $$\eta < \frac{2}{\lambda_{\max}} = \frac{2}{60} = \frac1{30}$$

let rates = [ 0.0 .. 0.0005 .. 0.04 ]
let sizes direction name =
    Chart.Line(rates, rates |> List.map (fun rate -> abs (factor rate direction)), name)

Claim.That(abs (factor (0.999 / 30.0) across) < 1.0 && abs (factor (1.001 / 30.0) across) > 1.0)
box (
    Chart.Plot([ sizes along "along, λ = 12"; sizes across "across, λ = 60" ])
        .WithTitle("what one step leaves of an error").WithXTitle("learning rate")
        .WithYTitle("|1 − rate·λ|").WithSize(560, 340)
)
|> show

// The picture also shows the best rate: where the lines cross, $\eta = 2/(12 + 60) = 1/36$, and both errors shrink to two thirds. The worse the ratio $\kappa = \lambda_{\max}/\lambda_{\min}$, the closer to
// 1 is that factor $(\kappa - 1)/(\kappa + 1)$, and the slower is descent.

Claim.Near(factor (1.0 / 36.0) along, 2.0 / 3.0)
Claim.Near(factor (1.0 / 36.0) across, -2.0 / 3.0)

let path rate = Chart.Descent(loss, struct (1.4, 0.4), Optimizers.Sgd rate, 12)

box (
    Chart.Plot(landscape :: List.map path [ 0.01; 1.0 / 36.0; 0.0328 ])
        .WithTitle("too careful, best, nearly too far").WithXTitle("first weight")
        .WithYTitle("second weight").WithSize(520, 480)
)
|> show

// ## Momentum
//
// In a narrow valley descent creeps along the bottom while it bounces between the walls. Here $\kappa = 100$: the rate must stay below $2/100$ because of $y$, and $x$ needs hundreds of steps.

let valley (w: Node) = 0.5 * Sum(Constant(Tensor.Of [| 1.0; 100.0 |]) * Square w)
let far = Tensor.Of [| -10.0; 1.0 |]

box (Claim.Near(height valley far, 100.0)) |> show

// A ball that rolls does not bounce, it has inertia: it keeps a share $\mu$ of its velocity, and what points to and fro cancels itself, while what always points the same way adds up.
//
// $$v \leftarrow \mu v + \nabla L(w), \qquad w \leftarrow w - \eta v$$
//
// The state is now a pair. That is all that changes:

let momentum (rate: float) (mu: float) f (w, v) =
    let v = mu * Constant v + gradient f w
    value (Constant w - rate * v), value v

let stepsTo goal step =
    (far, origin)
    |> Seq.unfold (fun state -> Some(fst state, step state))
    |> Seq.findIndex (fun w -> height valley w < goal)

let plain = stepsTo 0.01 (momentum 0.018 0.0 valley)
let rolling = stepsTo 0.01 (momentum 0.018 0.8 valley)
Claim.That(plain > 4 * rolling)
box (printfn "plain descent %d steps, with momentum %d" plain rolling) |> show

// It is the same as the library's `Sgd(rate, momentum)`. An optimiser there is a function, too: from nodes for a weight, its gradient, and what is kept between the steps (its *slots*) to the next ones. So any of them can be walked with in the same way:

open System.Collections.Immutable

let follow (optimizer: Optimizer) f (w, slots, t) =
    let kept = ImmutableArray.CreateRange [ for slot in slots -> Constant slot ]
    let next = optimizer.Step(Constant w, gradient f w, kept, optimizer.Rate, float t)
    value next.W, [ for slot in next.Slots -> value slot ], t + 1

let start (optimizer: Optimizer) = far, [ for _ in optimizer.Slots -> origin ], 1

let sgd = Optimizers.Sgd(0.01, 0.9)
let byLibrary = walk 50 (follow sgd valley) (start sgd) |> List.map (fun (w, _, _) -> w)
let byHand = walk 50 (momentum 0.01 0.9 valley) (far, origin) |> List.map fst

box (List.iter2 (fun (a: Tensor) (b: Tensor) -> Claim.Same(a, b, 1e-12)) byLibrary byHand) |> show

// ## Adam
//
// Momentum treats all weights alike. But the two weights of the valley have gradients that differ by a factor of a hundred. *Adam* measures that: beside the running mean $m$ of a
// weight's gradient it keeps the running mean $s$ of its square, and divides by the root.
//
// $$m \leftarrow \beta_1 m + (1-\beta_1) g, \qquad s \leftarrow \beta_2 s + (1-\beta_2) g^2, \qquad
// w \leftarrow w - \eta\, \frac{m / (1-\beta_1^t)}{\sqrt{s / (1-\beta_2^t)} + \varepsilon}$$
//
// Both means start at 0 and are too small at first; the powers of $\beta$ make up for that.

let adam (rate: float) f (w, slots: Tensor list, t) =
    let g = gradient f w
    let m = 0.9 * Constant slots[0] + 0.1 * g
    let s = 0.999 * Constant slots[1] + 0.001 * Square g
    let unbiased (beta: float) (mean: Node) = mean / (1.0 - beta ** float t)
    let step = unbiased 0.9 m / (Sqrt(unbiased 0.999 s) + 1e-8)
    value (Constant w - rate * step), [ value m; value s ], t + 1

let hers = Optimizers.Adam 0.5
let weights states = [ for w: Tensor, _, _ in states -> w ]
let mine = walk 40 (adam 0.5 valley) (start hers) |> weights

box (
    List.iter2 (fun (a: Tensor) (b: Tensor) -> Claim.Same(a, b, 1e-9))
        mine (walk 40 (follow hers valley) (start hers) |> weights)
)
|> show

// One thing is worth knowing: at the first step $m/\sqrt{s} = g/|g|$, so every weight moves by just the learning rate, whatever the size of its gradient. The unit of Adam's
// rate is that of the weights.

Claim.Near(mine[1].At(0) - far.At(0), 0.5, 1e-6)
Claim.Near(mine[1].At(1) - far.At(1), -0.5, 1e-6)
box (mine[1]) |> show

let race optimizer = Chart.Descent(valley, struct (-10.0, 1.0), optimizer, 60)
let hills = Chart.Contour(valley, struct (-11.0, 3.0), struct (-1.2, 1.2), 20)

box (
    Chart.Plot(hills :: List.map race [ Optimizers.Sgd 0.018; Optimizers.Sgd(0.01, 0.8); Optimizers.Adam 0.5 ])
        .WithTitle("60 steps in a narrow valley").WithXTitle("x, curvature 1")
        .WithYTitle("y, curvature 100").WithSize(640, 380)
)
|> show

// ## The family
//
// There are many more, and each differs by a line or two. Here are five on their way down the valley. None is the best everywhere, and much depends on the rate: what goes straight
// down here may dance in another landscape. Those that adapt profit from a valley that lies along the axes, as this one does.

let family =
    [ "SGD", Optimizers.Sgd 0.018
      "Nesterov", Optimizers.Sgd(0.01, 0.8, true)
      "Adagrad", Optimizers.Adagrad 2.0
      "NAdam", Optimizers.NAdam 0.5
      "Lion", Optimizers.Lion 0.3 ]

let fall (name, optimizer) =
    Chart.Line(walk 100 (follow optimizer valley) (start optimizer) |> weights |> heights valley, name)

box (
    Chart.Plot(List.map fall family)
        .WithTitle("five optimisers in the same valley").WithXTitle("step").WithYTitle("loss").WithLogY()
        .WithSize(640, 380)
)
|> show

// ## The S in SGD
//
// For real data the loss is a mean over all images, and its gradient would cost a pass through all of them. *Stochastic* gradient descent takes that of a small batch. It is an estimate: right on average, and wrong each time.
// Here is the gradient of a linear classifier for digits, of all 256 images and of 8 batches of 32 of them.

let digits = Datasets.Digits()
let some = digits.Train.Take 256
let rows (data: Dataset) = Reshape(AvgPool(Constant data.Images, 4), Shape.From [ data.Count; 49 ])

let errorOn data (w: Node) = SoftmaxCrossEntropy(MatMul(rows data, w), Indices data.Labels)
let zeros = Tensor.Fill(Shape.From [ 49; 10 ], 0.0)

let whole = gradient (errorOn some) zeros |> value
let parts = [ for first in 0..32..224 -> gradient (errorOn (some.Slice(first, 32))) zeros ]
box (Claim.Same(List.reduce (fun a b -> a + b) parts / 8.0, whole, 1e-9)) |> show

let distance (part: Node) = Norm(part - Constant whole) / Norm(Constant whole) |> value |> _.Scalar
let away = parts |> List.map distance
Claim.That(away |> List.forall (fun d -> d > 0.2 && d < 1.5))

box (
    Chart.Column([ for batch in 1..8 -> $"{batch}" ], away)
        .WithTitle("how far a batch's gradient is from that of all").WithXTitle("batch")
        .WithYTitle("distance / length").WithSize(520, 280)
)
|> show

// The mean of the eight is the whole gradient, to the last digits, but each is off by a good part of its length. So the loss will not fall at each step, and a rate that is too large makes the
// weights dance around the minimum. Momentum and Adam average over steps, and thereby over batches, too.
//
// ## On digits
//
// A small network and 1,500 images, three optimisers, four epochs each. F#'s `>>` composes functions, so layers have `Then`.

let net = Layers.Conv2D(8, 3).Then(Relu).Then(Layers.MaxPool 4).Then(Flatten).Then(Layers.Dense 10)

let train optimizer =
    net.Fit(digits.Train.Take 1500, (fun y labels -> SoftmaxCrossEntropy(y, labels)), optimizer, 4)

let runs =
    [ "SGD, 0.05", Optimizers.Sgd 0.05
      "momentum 0.9, 0.05", Optimizers.Sgd(0.05, 0.9)
      "Adam, 0.01", Optimizers.Adam 0.01 ]
    |> List.map (fun (name, optimizer) -> name, train optimizer)

let history (name, trained: Trained) =
    Chart.Line([ 1.0 .. 4.0 ], [ for epoch in trained.History -> epoch.Loss ], name)

box (
    Chart.Plot(List.map history runs)
        .WithTitle("three optimisers on 1,500 digits").WithXTitle("epoch")
        .WithYTitle("cross-entropy (nats)").WithSize(560, 340)
)
|> show

let accuracy = runs |> List.map (fun (name, trained) -> name, trained.Evaluate(digits.Test).Accuracy)

for name, share in accuracy do
    printfn "%-20s %.1f %% of the test digits" name (100.0 * share)

let share = dict accuracy
box (Claim.That(share["momentum 0.9, 0.05"] > share["SGD, 0.05"] && share["Adam, 0.01"] > share["SGD, 0.05"])) |> show

// ## The rate over time
//
// Large steps early, small ones late: a *schedule* is a function from the time, 0 to 1, to a factor of the rate. `Fit` takes it as `schedule`. Being functions they compose, as `WarmUp` does with any other.

let cosine = Func<float, float> Schedules.Cosine

box (
    Chart.Plot([ Chart.LearningRate(cosine, 0.1, "cosine")
                 Chart.LearningRate(Schedules.WarmUp(0.1, cosine), 0.1, "warm-up, then cosine")
                 Chart.LearningRate(Schedules.Exponential 0.01, 0.1, "exponential") ])
        .WithTitle("three schedules").WithXTitle("share of the training (%)")
        .WithYTitle("learning rate").WithSize(560, 320)
)
|> show

// ## Exercises
//
// **1.** The loss is $3x^2 + 5y^2$. From which learning rate on does descent grow without end? (Careful: the Hessian of $3x^2$ is not 3.)

let largest: float option = None // your answer: Some 0.5
let bowl (w: Node) = Sum(Constant(Tensor.Of [| 3.0; 5.0 |]) * Square w)
let steepest = Curvature.Of(bowl w, w, 1, ReadOnlySpan [| struct (w, far) |])
box (Exercise.Check(Option.toNullable largest, steepest.LargestRate, 1e-6)) |> show

// **2.** With momentum $\mu$ and a gradient that stays the same, $v$ approaches a fixed multiple of it. Which one, for $\mu = 0.9$?

let multiple: float option = None // your answer
let ones (w: Node) = Sum w // its gradient is 1 everywhere
let _, velocity = walk 400 (momentum 0.1 0.9 ones) (far, origin) |> List.last
box (Exercise.Check(Option.toNullable multiple, velocity.At(0), 1e-6)) |> show

// **3.** Write RMSprop, $s \leftarrow \alpha s + (1-\alpha) g^2$, $w \leftarrow w - \eta\, g/(\sqrt{s} + \varepsilon)$ with $\alpha = 0.99$ and $\varepsilon = 10^{-8}$, by changing `adam` above. Where is it after
// ten steps of 0.1 in the valley?

let rmsprop (rate: float) (f: Node -> Node) (w: Tensor, slots: Tensor list, t) =
    w, slots, t + 1 // change this line

let theirs = Optimizers.RmsProp 0.1
let where step = walk 10 step (start theirs) |> weights |> List.last
let answer = where (rmsprop 0.1 valley)
box (Exercise.Check((if answer.Equals far then null else answer), where (follow theirs valley), 1e-9)) |> show

// ## Where to go from here
//
// [11](11-mnist.ipynb) trains on more digits, and [15](15-making-it-fast.ipynb) shows what happens between the gradient and the processor.
//
// * H. Robbins, S. Monro, *A stochastic approximation method*, 1951. B. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964: momentum.
// * D. Kingma, J. Ba, *Adam: a method for stochastic optimization*, 2015.
// * G. Goh, *Why momentum really works*, Distill 2017: the same quadratic, in beautiful pictures.
// * CS231n, *Neural networks 3: parameter updates*; *Dive into Deep Learning*, chapter 12; Y. LeCun et al., *Efficient BackProp*, 1998, for $2/\lambda_{\max}$.
