using Ipsec.Ike.Outputs;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>For an engine that never gets as far as a child SA.</summary>
sealed class NoSpis : ISpiAllocator
{
    public bool TryAllocate(out uint spi)
    {
        spi = 0;
        return false;
    }

    public void Release(uint spi) => Assert.Fail("nothing was allocated");
}
