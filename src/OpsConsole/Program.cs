using OpsConsole;

// A table of contents: what kind of call is this, and which part of the house answers it.
return args switch
{
    ["users" or "keys" or "audit" or "config" or "store" or "version", ..] => await OpsConsole.Ground.Commands.CommandLine.Run(args),
    _ => await Serve.Run(args),
};
