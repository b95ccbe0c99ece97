using Ipsec.EndpointHost.CommandLine;

return await EndpointCommandLine.RunAsync(args);
