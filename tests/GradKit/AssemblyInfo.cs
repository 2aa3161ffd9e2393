// One after the other: how long an attack takes is measured.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
