using System.CommandLine;
using System.Globalization;

namespace AutoDiffCnn.Cli;

/// <summary>Arguments that several commands have.</summary>
internal static class Arguments
{
    public static Argument<KnownModel> Model() => new("model")
    {
        Description = $"One of: {KnownModel.Names}.",
        CustomParser = result =>
        {
            if (KnownModel.All.TryGetValue(result.Tokens[0].Value, out var model))
            {
                return model;
            }

            result.AddError($"There is no model '{result.Tokens[0].Value}'; there are {KnownModel.Names}.");
            return null;
        },
    };

    public static Option<int> Number(string name, int otherwise, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0
                && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number > 0))
            {
                result.AddError($"{name} {result.Tokens[0].Value}: it is a whole number of at least 1.");
            }
        });
        return option;
    }
}
