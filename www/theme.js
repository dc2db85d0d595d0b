// A classic script, on purpose: it sets the theme before the first paint, and it reports when the modules could not
// be loaded.
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
        // Storage is blocked: the choice lasts until the page is closed.
      }
    })
  })

  // The error event of a script element does not bubble, so the listener captures.
  addEventListener(
    'error',
    (event) => {
      if (event.target instanceof HTMLScriptElement)
        fault('The playground’s code could not be loaded. Is the package built and served under /pkg/?')
      else if (event.message) fault(`This page failed: ${event.message}`)
    },
    true
  )
  addEventListener('unhandledrejection', (event) => {
    const { code, message } = event.reason ?? {}
    fault(`This page failed: ${code ? `${code}: ` : ''}${message ?? event.reason}`)
  })
}
