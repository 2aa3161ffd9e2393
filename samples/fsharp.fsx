// AutoDiffCnn from F#. Build first, then run:
//     dotnet build -c Release src/Facade
//     dotnet fsi samples/fsharp.fsx
#r "../src/Facade/bin/Release/net10.0/AutoDiffCnn.Graph.dll"
#r "../src/Facade/bin/Release/net10.0/AutoDiffCnn.Ops.dll"
#r "../src/Facade/bin/Release/net10.0/AutoDiffCnn.Cpu.dll"
#r "../src/Facade/bin/Release/net10.0/AutoDiffCnn.dll"

open AutoDiffCnn
open type AutoDiffCnn.Functions

let run nodes values =
    Cpu.Run(ResizeArray<Node>(nodes: Node list), readOnlyDict values)

// 1. A gradient is a node like any other.

let x = Variable("x", Shape.From [ 3 ])
let loss = Sum(x * x + 2.0 * x)
let dx = Gradient.Of(loss, x)

printfn "%s" (dx.Print())
printfn "d(x² + 2x)/dx at [1, 2, 3] = %O" (run [ dx ] [ (x, Tensor.Of [| 1.0; 2.0; 3.0 |]) ]).[0]

// 2. Layers compose. F#'s >> composes functions, so layers have Then.

let net =
    Layers.AvgPool(2)
        .Then(Flatten)
        .Then(Layers.Dense 32)
        .Then(Relu)
        .Then(Layers.Dense 10)

printfn "%O" (net.Summary(Shape.From [ 1; 28; 28 ]))

// 3. A training step is one graph: weights in, loss and new weights out. Training folds it over the batches.

let digits = Datasets.Digits().Train.Take 320
let batches = [ for first in 0..32..288 -> digits.Slice(first, 32) ]

let model = net.Build(Shape.From [ 32; 1; 28; 28 ], Mode.Train)
let labels = Variable("labels", Shape.From [ 32 ], Kind.Index)
let error = SoftmaxCrossEntropy(model.Output, labels)
let weights = [ for parameter in model.Parameters -> parameter.Variable ]
let updated = [ for w, dw in Seq.zip weights (Gradient.Of(error, ResizeArray weights)) -> w - 0.1 * dw ]

let step (_, values: Tensor list) (batch: Dataset) =
    let results =
        run (error :: updated) [
            model.Input, batch.Images
            labels, batch.Labels
            yield! List.zip weights values
        ]

    results.[0].Scalar, List.ofSeq (Seq.tail results)

let first = model.Init(Key.Of 1L)
let start = nan, [ for parameter in model.Parameters -> first.[parameter.Name] ]

for i, (loss, _) in List.scan step start batches |> List.indexed |> List.tail do
    printfn "step %d: loss %.4f" i loss
