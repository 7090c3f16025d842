/* Figures as people read them, shared by every card; the same rules as compass/core/wording.py. */
{
  const digits = (value, options) => Number(value).toLocaleString('en-US', { roundingMode: 'halfEven', ...options })
  const whole = { maximumFractionDigits: 0 }
  const two = { maximumSignificantDigits: 2 }
  const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  const rounded = (value) => digits(value, value >= 99.5 ? whole : two)
  window.compass = {
    money: (usd) => '$' + digits(usd, usd >= 9.995 ? whole : usd >= 0.1 || usd === 0 ? cents : two),
    price: (usd) => '$' + digits(usd, cents),
    ms: (value) => (value < 999.5 ? rounded(value) + ' ms' : rounded(value / 1000) + ' s'),
    /* A time that somebody stated. */
    exactMs: (value) => {
      const exact = { maximumSignificantDigits: 10 }
      return value < 1000 ? digits(value, exact) + ' ms' : digits(value / 1000, exact) + ' s'
    },
    /* An interval in the unit of its figure. */
    interval: (figure) => {
      const scale = figure.value < 999.5 ? 1 : 1000
      return `${rounded(figure.low / scale)}–${rounded(figure.high / scale)}`
    },
    number: (value) => digits(value, value >= 999.5 ? whole : { maximumSignificantDigits: 3 }),
    chance: (p) => (p > 0.99 ? '> 99 %' : p < 0.01 ? '< 1 %' : Math.floor(100 * p + 1e-9) + ' %'),
    short: (model) => model.split('/').pop(),
    words: (name) => name.replaceAll('_', ' '),
    gpus: (o) => (o.tensor_parallel > 1 ? `${o.replicas} × (${o.tensor_parallel} × ${o.gpu})` : `${o.replicas} × ${o.gpu}`),
  }
}
