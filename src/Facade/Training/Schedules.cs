namespace AutoDiffCnn;

/// <summary>How the learning rate changes in the course of training: its factor at point t, from 0 at the first step to
/// 1 behind the last.</summary>
/// <example><code>Schedules.Linear(0.25) // 0.75</code></example>
public static class Schedules
{
    /// <summary>1 − t: large steps find the place, small ones settle there.</summary>
    public static double Linear(double t) => 1 - t;
}
