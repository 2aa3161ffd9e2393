// Ops from outside the library, used from F#: applied, differentiated, run by both executors, and as layers.
#r "bin/Release/net10.0/AutoDiffCnn.Graph.dll"
#r "bin/Release/net10.0/AutoDiffCnn.Ops.dll"
#r "bin/Release/net10.0/AutoDiffCnn.Cpu.dll"
#r "bin/Release/net10.0/AutoDiffCnn.dll"
#r "bin/Release/net10.0/Outside.Tests.dll"

open System.Collections.Immutable
open AutoDiffCnn
open type AutoDiffCnn.Functions
open OutsideTests

let snake (x: Node) = Snake().Of x
let roll (x: Node) = Roll(1).Of x

// An op written in F#: a function of nodes with its rule. F# cannot derive from C#'s records.
let softClip =
    CustomVjp((fun x -> x / Sqrt(1.0 + x * x)), (fun x y dy -> dy * (1.0 - y * y) / Sqrt(1.0 + x * x)))

let x = Variable("x", Shape.From [ 3 ])
let at = Tensor.Of [| 0.0; 1.0; 2.0 |]
let y = x |> snake |> roll
let dx = Gradient.Of(Sum(y * y), x)

printfn "%s" (y.Print())
let values = readOnlyDict [ (x, at) ]
printfn "Reference %O" (Reference.Run(ImmutableArray.Create(dx), values).[0])
printfn "Cpu %O" (Cpu.Run(ResizeArray [ dx ], values).[0])
let clipped = softClip.Invoke x
let dclipped = Gradient.Of(Sum clipped, x)
printfn "Clip %O" (Reference.Run(ImmutableArray.Create(dclipped), values).[0])
printfn "Clip %O" (Cpu.Run(ResizeArray [ dclipped ], values).[0])
printfn "%O" (Layers.Dense(4).Then(snake).Then(roll).Summary(Shape.From [ 3 ]))
