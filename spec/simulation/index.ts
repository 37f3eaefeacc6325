// The simulator, as programs import it: `run(planOf(seed, rough), rough)` lives through a minute of a list's life and says which rule was broken, if
// any; `bugs` has machines that break them.
export { bugs, honest, type Arms } from './bugs.js'
export { climateOf } from './climate.js'
export { House } from './house.js'
export { Oracle } from './oracle.js'
export { fair, late, lossy, rough, presets, type Options, type Skies, type Span } from './options.js'
export { planOf, type Fault, type Message, type Plan, type Rogue } from './plan.js'
export { run, type Result } from './run.js'
export { shrunk } from './shrink.js'
export { paths, untrodden, type Path } from './sometimes.js'
export { Broken } from './violation.js'
