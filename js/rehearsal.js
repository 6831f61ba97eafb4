// SPDX-License-Identifier: MIT
//
// A rehearsal: while a model is on its way, the engine runs a small network of the layers that most are made of. A
// browser compiles a function well only once it has run for a while; so the first run of the model finds most of its
// code ready, and costs the time in which there was nothing else to do.
import { nextTurn } from './turn.js';

const RUNS = 16;
const SLICE_MS = 3; // the model's bytes are to be taken in, too

/**
 * @param {import('./engine.js').Engine} engine which is left as it was
 * @param {Promise<unknown>} arriving ends it
 */
export async function rehearse(engine, arriving) {
  let hasCome = false;
  const come = () => void (hasCome = true);
  arriving.then(come, come);
  await nextTurn();
  if (hasCome) return;
  const model = engine.pointer('oct_model_rehearsal');
  const plan = engine.pointer('oct_model_plan', model, 0, 0);
  engine.status('oct_plan_commit', plan);
  const steps = engine.call('oct_plan_step_count', plan);
  for (let run = 0; run < RUNS && !hasCome; await nextTurn()) {
    const end = performance.now() + SLICE_MS;
    do engine.call('oct_plan_run', plan, 0, steps);
    while (++run < RUNS && performance.now() < end);
  }
  engine.call('oct_model_destroy', model);
}
