// How a diagram looks: by day and by night, with whatever fonts there are.
//
// Text has an outline in the colour of the paper, so that it can be read where an arrow crosses it.

interface Colours {
  readonly paper: string
  readonly ink: string
  readonly faint: string
  readonly rule: string
  readonly message: string
  readonly ack: string
  readonly order: string
  readonly quiet: string
  readonly bad: string
  readonly good: string
  readonly fault: string
}

const day: Colours = {
  paper: '#ffffff', ink: '#1b1f24', faint: '#6b7480', rule: '#c3cad2', message: '#0b57c2', ack: '#2f7d4f', order: '#7a3fb0', quiet: '#8a929c', bad: '#c8102e', good: '#1a7f37', fault: '#9a5b00',
}

const night: Colours = {
  paper: '#14181d', ink: '#e6eaef', faint: '#98a2ad', rule: '#4a535e', message: '#6cb0ff', ack: '#6fcf97', order: '#c89bf0', quiet: '#8d97a3', bad: '#ff6b7d', good: '#57d98a', fault: '#f0b24a',
}

const coloured = ({ paper, ink, faint, rule, message, ack, order, quiet, bad, good, fault }: Colours): string =>
  [
    `.paper{fill:${paper}}`,
    `text{fill:${ink};stroke:${paper}}`,
    `.faint{fill:${faint}}`,
    `.life{stroke:${ink}}`,
    `.rule{stroke:${rule}}`,
    `.box{fill:${paper};stroke:${ink}}`,
    ...Object.entries({ message, ack, order, quiet, bad, fault }).flatMap(([name, colour]) => [`.${name} line,.${name} path.stroke{stroke:${colour}}`, `.${name} path.head,text.${name}{fill:${colour}}`]),
    `.dot{fill:${good};stroke:${good}}`,
    `.hollow{fill:${paper};stroke:${good}}`,
    `text.good{fill:${good}}`,
    `.bar{fill:${order};fill-opacity:.18;stroke:${order}}`,
    `.still{stroke:${fault}}`,
    `.hatch{stroke:${fault}}`,
    `.alarm{fill:${bad};fill-opacity:.15;stroke:${bad}}`,
  ].join('')

const shapes = [
  'svg{color-scheme:light dark}',
  "text{font:11px 'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;stroke-width:3.2px;stroke-linejoin:round;paint-order:stroke}",
  'text.name{font-size:14px;font-weight:600}text.title{font-size:18px;font-weight:600}text.broken{font-size:13px;font-weight:600}',
  "text.mono{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}",
  'text.fault{font-style:italic}.plain{stroke:none}',
  'line,path.stroke{stroke-width:1.4;fill:none}.life{stroke-width:1.6}.rule{stroke-width:1}.again{stroke-dasharray:6 4}.thick{stroke-width:2.4}',
  '.quiet line{stroke-width:1}.box{stroke-width:1.2}.dot,.hollow{stroke-width:1.8}.bar,.still{stroke-width:1}.alarm{stroke-width:2}',
].join('')

/** A style sheet for whoever looks at it. */
export const style = `<style>${shapes}${coloured(day)}@media (prefers-color-scheme:dark){${coloured(night)}}</style>`
