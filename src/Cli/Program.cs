using System.CommandLine;

return new RootCommand("Functional automatic differentiation for convolutional networks.").Parse(args).Invoke();
