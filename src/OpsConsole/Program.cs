using OpsConsole;

return await Serve.Run(args);
