// Runs a server in as many processes as WORKERS says, sharing one port; one of them runs alone.
import cluster from 'node:cluster';

export async function serve(start) {
  const workers = Number(process.env.WORKERS ?? 1);
  if (workers > 1 && cluster.isPrimary) {
    for (let worker = 0; worker < workers; worker += 1) cluster.fork();
  } else {
    await start(Number(process.env.PORT));
  }
}
