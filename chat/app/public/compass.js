/* Figures as people read them, shared by every card. */
window.compass = {
  // Halves go down, as everywhere else in Compass: one sum must not show two results.
  dollars: (value) =>
    '$' + (Number(value) - 1e-6).toLocaleString('en-US', { minimumFractionDigits: value < 10 ? 2 : 0, maximumFractionDigits: value < 10 ? 2 : 0 }),
  ms: (value) => {
    if (value >= 1000) return (value / 1000).toFixed(value >= 10000 ? 0 : 1) + ' s'
    return Number(value).toFixed(value < 10 ? 1 : 0) + ' ms'
  },
  /* [26 – 87 ms]: the unit once. */
  interval: (figure) => {
    const [low, high] = [window.compass.ms(figure.low), window.compass.ms(figure.high)]
    const [number, unit] = low.split(' ')
    return unit === high.split(' ')[1] ? `${number} – ${high}` : `${low} – ${high}`
  },
  number: (value) => Number(value).toLocaleString('en-US', { maximumSignificantDigits: 3 }),
  chance: (p) => (p > 0.99 ? '> 99 %' : p < 0.01 ? '< 1 %' : Math.round(p * 100) + ' %'),
  short: (model) => model.split('/').pop(),
  words: (name) => name.replaceAll('_', ' '),
  gpus: (o) => (o.tensor_parallel > 1 ? `${o.replicas} × (${o.tensor_parallel} × ${o.gpu})` : `${o.replicas} × ${o.gpu}`),
}
