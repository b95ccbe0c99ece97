namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// Looks for the best rate that is delivered: doubles the rate until two in a row fail, then halves the ratio between the best and the first that failed.
/// A rate that fails is tried once more before it counts as failed, since other programs of the machine can spoil any trial; one that the sender
/// cannot offer counts as failed, and what it did offer as a rate like any other.
/// </summary>
static class RateSweep
{
    const int LowestRate = 10_000;
    const int FailuresToEnd = 2;

    /// <summary>The search ends when the rates are as near as this.</summary>
    const double Resolution = 1.05;

    const double Climb = 1.1;

    /// <param name="attempt">Offers a rate.</param>
    /// <returns>The best one; null where nothing was delivered.</returns>
    public static async Task<DatagramTrial?> FindAsync(Func<int, Task<DatagramTrial>> attempt)
    {
        DatagramTrial? best = null;
        double low = 0;
        double high = DatagramSender.MaximumRate;
        int failures = 0;
        for (int rate = LowestRate; rate < DatagramSender.MaximumRate && failures < FailuresToEnd; rate *= 2)
        {
            if (await SucceedsAsync(rate))
                (low, high, failures) = (rate, DatagramSender.MaximumRate, 0);
            else if (failures++ == 0)
                high = rate;
        }
        bool isBounded = false;
        while (low > 0 && high > low * Resolution)
        {
            double middle = Math.Sqrt(low * high);
            if (await SucceedsAsync((int)middle))
                low = middle;
            else
                (high, isBounded) = (middle, true);
        }
        // Where everything below the first failure succeeded, that failure may have been the machine's.
        while (low > 0 && !isBounded && low * Climb <= DatagramSender.MaximumRate)
        {
            low *= Climb;
            isBounded = !await SucceedsAsync((int)low);
        }
        return best;

        async Task<bool> SucceedsAsync(int rate) => await IsGoodAsync(rate) || await IsGoodAsync(rate);

        async Task<bool> IsGoodAsync(int rate)
        {
            DatagramTrial trial = await attempt(rate);
            if (trial.IsDelivered && (best is null || trial.Delivered > best.Delivered))
                best = trial;
            return trial.IsDelivered && !trial.IsLimitedBySender;
        }
    }
}
