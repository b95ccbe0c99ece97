using System.Net.Sockets;
using Ipsec.EndpointHost.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Ipsec.EndpointHost.Control;

/// <summary>A control socket for something that is no process of its own: a node of a lab, or a lab in memory.</summary>
sealed class ControlServer : IAsyncDisposable
{
    readonly WebApplication _application;

    ControlServer(WebApplication application) => _application = application;

    /// <exception cref="UserErrorException">Somebody answers on that socket, or it cannot be made.</exception>
    public static async Task<ControlServer> StartAsync(string path, IControlTarget target)
    {
        ControlPaths.Prepare(path);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ipsec-endpoint" });
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(path);
        });
        WebApplication application = builder.Build();
        ControlApi.Map(application, () => target);
        try
        {
            await application.StartAsync();
            File.SetUnixFileMode(path, ControlPaths.OwnerOnly);
            return new ControlServer(application);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new UserErrorException($"The control socket {path} cannot be made: {exception.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Ends the watches, lets other answers out and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
