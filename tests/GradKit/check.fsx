// Gradients attacked from F#: a right function, a wrong one, and a backward pass written by hand.
#r "bin/Release/net10.0/FsCheck.dll"
#r "bin/Release/net10.0/AutoDiffCnn.Graph.dll"
#r "bin/Release/net10.0/AutoDiffCnn.Ops.dll"
#r "bin/Release/net10.0/AutoDiffCnn.Cpu.dll"
#r "bin/Release/net10.0/AutoDiffCnn.GradKit.dll"

open System
open AutoDiffCnn
open type AutoDiffCnn.Functions

let mish = Func<Node, Node>(fun x -> x * Tanh(Softplus x))
GradKit.Check(mish, Budget(Cases = 20))
printfn "%s" (GradKit.Attack(mish, Budget(Cases = 20)).Title)

let half = CustomVjp(Func<Node, Node>(fun x -> x * x), Func<Node, Node, Node, Node>(fun x _ dy -> x * dy))
let report = GradKit.Attack(half)
printfn "%b: %s" report.Holds report.Finding.Mistake

let forward = Func<_, _>(fun (xs: Collections.Generic.IReadOnlyList<Node>) -> Tanh xs.[0])
let backward = Func<_, _, _>(fun (xs: Collections.Generic.IReadOnlyList<Node>) (dy: Node) ->
    [| dy * (1.0 - Tanh xs.[0] * Tanh xs.[0]) |] :> Collections.Generic.IReadOnlyList<Node>)
printfn "%O" (Backprop.Compare(forward, backward, Shape.From [ 3 ]))
