using OpsConsole;
using OpsConsole.Ground.Commands;

// A table of contents: what kind of call is this, and which part of the house answers it.
return args switch
{
    [var word, ..] when CommandLine.IsCommand(word) => await CommandLine.Run(args),
    _ => await Serve.Run(args),
};
