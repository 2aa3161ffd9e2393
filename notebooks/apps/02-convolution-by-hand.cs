// What 02-convolution-by-hand.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
#:project ../../src/Facade/Facade.csproj

using AutoDiffCnn;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System;
using static AutoDiffCnn.Functions;
using static Cells;

// # Convolution by hand
//
// A kernel slides over an image; at each place the numbers under it are multiplied with its own and added up. The code
// names this cross-correlation, as networks compute it; true convolution turns the kernel by 180° first.

// An image of 4 × 4 and a kernel of 3 × 3.

var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
Show(() => image);

// The first of the four places, by hand: the upper left corner of the image, times the kernel.

double At(int row, int column) =>
    Enumerable.Range(0, 3).Sum(i => Enumerable.Range(0, 3).Sum(j => image[row + i, column + j] * kernel[i, j]));
Show(() => At(0, 0));

// All four at once. The claim is checked: a wrong number would fail the cell.

void Claim(bool holds)
{
    if (!holds)
    {
        throw new InvalidOperationException("a claim of this notebook does not hold");
    }
}
var y = CrossCorrelate(image, kernel);
Claim(y.Value.Equals(Tensor.Of([[At(0, 0), At(0, 1)], [At(1, 0), At(1, 1)]])));
Claim(y.Value.Equals(Tensor.Of([[15, 16], [6, 15]])));
Show(() => y);

// The size of the result is that of the image, minus that of the kernel, plus one: 4 − 3 + 1 = 2.

Claim(y.Shape == Shape.Of(4 - 3 + 1, 4 - 3 + 1));
Show(() => y.Shape);

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
                ? $"[{string.Join(", ", items.Cast<object>())}]"
                : value);
            return this;
        }
    }
}
