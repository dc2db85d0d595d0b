// Page object of the playground's Verify view.
import { ConsolePage } from './console.mjs'

export class VerifyPage extends ConsolePage {
  async openView() {
    await this.click('[name=view][value=verify] + span')
    await this.appears('#verify-start')
  }

  lie = (name) => this.click(`[name=verify-lie][value=${name}]`)
  source = (name) => this.click(`[name=verify-source][value=${name}] + span`)

  /**
   * Clicks a button of the view and waits for the outcome. Returns the title of the verdict and the code of what was caught,
   * or else the failure.
   */
  async verify(button = '#verify-start') {
    await this.click(button)
    await this.until(() => !document.querySelector('#verify-start').disabled)
    const [title] = await this.texts('[data-testid=verdict-title]')
    const [code] = await this.texts('[data-testid=verdict-code]')
    if (title === undefined) return (await this.texts('#verify-outcome [data-testid=problem]')).join()
    return code === undefined ? title : `${title}: ${code}`
  }

  /** The slots: number, and the state of each check in the order of the rows. */
  slots() {
    return this.page.$$eval('[data-testid=slot]', (all) =>
      all.map((slot) => ({
        slot: Number(slot.dataset.slot),
        label: slot.getAttribute('aria-label'),
        states: [...slot.querySelectorAll('.mark')].map(({ dataset }) => dataset.state)
      }))
    )
  }

  /** States of the checks of the selected slot, by name. */
  checks() {
    return this.page.$$eval('[data-testid=slot-checks] > li', (all) =>
      Object.fromEntries(all.map(({ dataset }) => [dataset.check, dataset.state]))
    )
  }

  async proof() {
    const text = await this.page.$eval('[data-testid=proof-json]', (element) => element.textContent)
    return JSON.parse(text)
  }
}
