using Ipsec.Esp.Inner;

namespace Ipsec.Esp.Tests.Inner;

/// <summary>RFC 6040 §4, figures 3 and 4, every cell.</summary>
public class EcnRulesTests
{
    const int NotEct = 0;
    const int Ect1 = 1;
    const int Ect0 = 2;
    const int Ce = 3;

    [Theory]
    [InlineData(NotEct, NotEct, NotEct, false)]
    [InlineData(NotEct, Ect0, NotEct, true)]
    [InlineData(NotEct, Ect1, NotEct, true)]
    [InlineData(Ect0, NotEct, Ect0, false)]
    [InlineData(Ect0, Ect0, Ect0, false)]
    [InlineData(Ect0, Ect1, Ect1, false)]
    [InlineData(Ect0, Ce, Ce, false)]
    [InlineData(Ect1, NotEct, Ect1, false)]
    [InlineData(Ect1, Ect0, Ect1, true)]
    [InlineData(Ect1, Ect1, Ect1, false)]
    [InlineData(Ect1, Ce, Ce, false)]
    [InlineData(Ce, NotEct, Ce, false)]
    [InlineData(Ce, Ect0, Ce, false)]
    [InlineData(Ce, Ect1, Ce, true)]
    [InlineData(Ce, Ce, Ce, false)]
    public void CombinesInnerAndOuterFields(int inner, int outer, int expected, bool isUnexpected)
    {
        // DSCP on either side must not matter.
        EcnOutcome outcome = EcnRules.Decapsulate((byte)(inner | 0xB8), (byte)(outer | 0x48));
        Assert.Equal(new EcnOutcome((byte)expected, Drop: false, isUnexpected), outcome);
    }

    [Fact]
    public void DropsWhatWasMarkedButCannotTellItsReceiver() => Assert.True(EcnRules.Decapsulate(NotEct, Ce).Drop);

    [Theory]
    [InlineData(0xBB, true, 0xBB)]
    [InlineData(0xBB, false, 0x03)]
    [InlineData(0xB8, false, 0x00)]
    public void CopiesEcnOutwardAlwaysAndDscpOnRequest(byte inner, bool copyDscp, byte expected) =>
        Assert.Equal(expected, EcnRules.OuterTrafficClass(inner, copyDscp));
}
