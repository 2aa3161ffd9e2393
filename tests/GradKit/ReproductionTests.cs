using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradKitTests;

/// <summary>The C# of a finding, pasted into a test, fails in the same way.</summary>
public sealed class ReproductionTests
{
    public static TheoryData<string> Findings => ["softplus", "strided", "graph", "second order"];

    [Theory, MemberData(nameof(Findings))]
    public void What_is_printed_compiles_and_fails_again(string name)
    {
        var report = GradKit.Attack(name switch
        {
            "softplus" => x => x * Tanh(new WrongSoftplus().Of(x)),
            "strided" => x => new StridedSum(2, Window.Of(1, stride: 3)).Of(Sin(x)),
            "graph" => x => new WrongSoftplus().Of(Relu(x) - 1) + Indexed(x),
            _ => x => Sum(new WrongSquare().Of(x)),
        }, new Budget(Cases: 1000));
        Assert.False(report.Holds);
        var pasted = Assert.Throws<FalsifiedError>(() => Run(report.Finding!.CSharp));
        Assert.Equal(report.Finding!.Property.Name, pasted.Report.Finding!.Property.Name);
        Assert.Equal(report.Finding.Op, pasted.Report.Finding.Op);
    }

    [Fact]
    public void A_finding_reads_like_this()
    {
        var report = GradKit.Attack(x => x * Tanh(new WrongSoftplus().Of(x)), new Budget(Cases: 1000));
        var seed = report.Finding!.Seed;
        Assert.Equal(
            $$"""
            function: falsified in case {{seed}}, seed {{seed}}
            differences: Vjp gave 0, differences …, here alone
            op WrongSoftplus
            x0 : []
            %0 = WrongSoftplus(x0) : []
            return %0
            x0 = 0
            again: new Budget(Cases: 1, Seed: {{seed}}), or

            var x0 = Variable("x0", []);
            var n1 = new global::GradKitTests.WrongSoftplus().Of(x0);
            GradKit.Check(n1, (x0, Tensor.Of([], [0.0])));
            """, System.Text.RegularExpressions.Regex.Replace($"{report}", @"differences [-\d.]+, here", "differences …, here"));
    }

    [Fact]
    public void The_seed_of_a_finding_finds_it_again()
    {
        Func<Node, Node> f = x => x * Tanh(new WrongSoftplus().Of(x));
        var first = GradKit.Attack(f, new Budget(Cases: 1000)).Finding!;
        var again = GradKit.Attack(f, new Budget(Cases: 1, Seed: first.Seed)).Finding!;
        Assert.Equal($"{first}", $"{again}");
    }

    private static Node Indexed(Node x) => new Gather(0).Of(Reshape(x, [(int)x.Shape.Elements]), Indices(Tensor.Of([0])));

    private static void Run(string statements)
    {
        var code = $$"""
            using System;
            using AutoDiffCnn;
            using static AutoDiffCnn.Functions;

            public static class Pasted
            {
                public static void Test()
                {
                    {{statements}}
                }
            }
            """;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create($"Pasted{Guid.NewGuid():N}", [CSharpSyntaxTree.ParseText(code)],
            platform.Append(typeof(WrongSoftplus).Assembly.Location).Distinct().Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.True(result.Success, $"{string.Join("\n", result.Diagnostics)}\n{code}");
        stream.Position = 0;
        var assembly = AssemblyLoadContext.GetLoadContext(typeof(WrongSoftplus).Assembly)!.LoadFromStream(stream);
        assembly.GetType("Pasted")!.GetMethod("Test")!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
    }
}

/// <summary>x³, with a rule that is right but made of a square whose own rule lacks the 2.</summary>
public sealed record WrongSquare : Map1<WrongSquare>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x * x * x;

    public override Node? Vjp(Node x, Node y, Node dy) => 3 * dy * new HalfSquare().Of(x);
}

/// <summary>x², whose rule lacks the 2.</summary>
public sealed record HalfSquare : Map1<HalfSquare>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x * x;

    public override Node? Vjp(Node x, Node y, Node dy) => dy * x;
}
