Console.WriteLine("elbo");
