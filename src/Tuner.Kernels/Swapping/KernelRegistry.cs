namespace Tuner.Kernels.Swapping;

/// <summary>The kernels of every operation, exchangeable while they run.</summary>
/// <remarks>
/// <code>
/// var registry = new KernelRegistry(new AuditLog(writer, TimeProvider.System));
/// KernelOperation&lt;ProductCall&gt; product = registry.Register(new ProductContract(), new GemmKernel(team));
/// using KernelWorker worker = registry.Attach();      // one a thread
/// using (KernelStep step = worker.BeginStep())
///     step.Run(product, call);
/// product.Propose(new TunedKernel(...));              // shadow, canary, probation; or rolled back
/// </code>
/// A kernel handed over belongs to the registry: when it is replaced or rolled back and its last step has ended, it is disposed
/// if it can be, which is where a GPU kernel unloads its module.
/// </remarks>
/// <param name="log">Records every change.</param>
public sealed class KernelRegistry(AuditLog log)
{
    private readonly HashSet<string> names = [];
    private volatile DispatchTable table = DispatchTable.Empty;

    /// <summary>Guards every change of the table; no call waits for it.</summary>
    internal Lock Gate { get; } = new();

    internal Epochs Epochs { get; } = new();

    internal AuditLog Log => log;

    internal DispatchTable Table => table;

    /// <summary>Registers an operation with its first kernel.</summary>
    /// <exception cref="ArgumentException">An operation of this name is registered.</exception>
    public KernelOperation<TCall> Register<TCall>(KernelContract<TCall> contract, IKernel<TCall> first)
        where TCall : struct
    {
        lock (Gate)
        {
            if (!names.Add(contract.Operation))
                throw new ArgumentException($"Operation '{contract.Operation}' is registered already.", nameof(contract));
            var operation = new KernelOperation<TCall>(this, contract, table.Versions.Length);
            Publish(operation.Index, new KernelVersion<TCall>(first, null));
            log.Write(contract.Operation, AuditKind.Registered, null, first.Name, "its first kernel");
            return operation;
        }
    }

    /// <summary>Lets a thread run kernels.</summary>
    public KernelWorker Attach()
    {
        var worker = new KernelWorker(this);
        Epochs.Add(worker);
        return worker;
    }

    internal void Publish(int operation, object version) => table = table.With(operation, version);

    internal void Retire(string operation, string kernel, object instance) => Epochs.Retire(() =>
    {
        (instance as IDisposable)?.Dispose();
        log.Write(operation, AuditKind.Retired, kernel, null, "its last step ended");
    });
}
