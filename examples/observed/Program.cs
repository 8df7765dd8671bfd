// A service that trains inside another application, observed by what it already uses: OpenTelemetry's metrics, a logger, and beside them a record on disk.
//
//   dotnet run -c Release --project examples/observed -- examples/customers.csv elbo-runs
using Elbo.Data;
using Elbo.Examples.Observed;
using Elbo.Models;
using Elbo.Recording;
using Elbo.Training;
using OpenTelemetry;
using OpenTelemetry.Metrics;

var (data, runs) = (args.ElementAtOrDefault(0) ?? "examples/customers.csv", args.ElementAtOrDefault(1) ?? RunFolder.UsualName);

// What an application has already: a meter provider that exports somewhere, here to the console, and a logger.
using var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(MeterRecorder.MeterName).AddReader(new BaseExportingMetricReader(new ConsoleMetrics())).Build();
var logger = new ConsoleLogger();

using var meter = new MeterRecorder("customers");
using var record = RunWriter.Begin(runs, "customers", new() { Data = data });
var recorder = Recorders.All(meter, new LoggerRecorder(logger, "customers"), record);

using var model = TableVae.Fit(TableReader.Read(data).Table, training: new TrainingOptions { Epochs = 20, Recorder = recorder });

Console.WriteLine($"Recorded in {record.Folder}: 'elbo runs show {record.Folder}'.");
