using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class EstablishTests
{
    [Fact]
    public void EstablishesInFourMessages()
    {
        using EnginePair pair = Connections.EstablishedPair();
        Assert.Equal(["A IKE_SA_INIT request 0", "B IKE_SA_INIT response 0", "A IKE_AUTH request 1", "B IKE_AUTH response 1"], pair.Sent);
        Agreement.AssertSame(pair);
    }
}
