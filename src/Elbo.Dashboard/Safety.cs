using System.Net;
using Microsoft.AspNetCore.Http;

namespace Elbo.Dashboard;

/// <summary>What every request has to pass and every answer says, so that only this page, in a browser on this machine, sees the runs.</summary>
internal static class Safety
{
    /// <summary>
    /// Scripts and styles of this server alone, no markup made of text by scripts, nothing from elsewhere and nothing to elsewhere, in no frame.
    /// </summary>
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Why a request is refused; null where it is not.</summary>
    public static (int Status, string Reason)? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
            return (StatusCodes.Status403Forbidden, "Only this machine is answered.");
        // Another name that leads here, as a site can give itself, is not this page (DNS rebinding).
        if (!IsLoopback(request.Host.Host) || request.Host.Port is not { } port || port != context.Connection.LocalPort)
            return (StatusCodes.Status421MisdirectedRequest, "This address is answered only under the name that it was printed with.");
        if (request.Headers.Origin is [{ } origin, ..] && origin != $"http://{request.Host.Value}")
            return (StatusCodes.Status403Forbidden, "Other sites are not answered.");
        if (request.Headers["Sec-Fetch-Site"] is [{ } site, ..] && site is not ("same-origin" or "none"))
            return (StatusCodes.Status403Forbidden, "Other sites are not answered.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return (StatusCodes.Status405MethodNotAllowed, "This page only shows; nothing can be changed by it.");
        return null;
    }

    public static void AddHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
