// A classic script on purpose: it runs before the first paint, so the chosen theme does not flash, and it is still
// there when the modules could not be loaded.
{
  const names = ['auto', 'light', 'dark']
  const stored = () => {
    try {
      return localStorage.getItem('aoxide-theme')
    } catch {
      return null
    }
  }
  const show = (name) => {
    if (name === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = name
  }
  let theme = names.includes(stored()) ? stored() : 'auto'
  show(theme)

  const fault = (text) => {
    const place = document.getElementById('fault')
    if (!place) return
    place.textContent = text
    place.hidden = false
  }

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme')
    const label = () => (button.textContent = `Theme: ${theme}`)
    label()
    button.addEventListener('click', () => {
      theme = names[(names.indexOf(theme) + 1) % names.length]
      show(theme)
      label()
      try {
        localStorage.setItem('aoxide-theme', theme)
      } catch {
        // Storage may be forbidden; the choice then lasts until the page is left.
      }
    })
  })

  // A failed module graph fires on its script element and does not bubble, hence the capture.
  addEventListener(
    'error',
    (event) => {
      if (event.target instanceof HTMLScriptElement)
        fault('The playground’s code could not be loaded. Is the package built and served under /pkg/?')
      else if (event.message) fault(`Something broke in this page: ${event.message}`)
    },
    true
  )
  addEventListener('unhandledrejection', (event) => {
    const { code, message } = event.reason ?? {}
    fault(`Something broke in this page: ${code ? `${code}: ` : ''}${message ?? event.reason}`)
  })
}
