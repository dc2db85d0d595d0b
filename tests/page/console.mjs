// Page object of the playground in local mode: console, diagram, mailbox.
import { Playground } from './driver.mjs'

export class ConsolePage extends Playground {
  /** Creates a key and a process. */
  async begin() {
    await this.click('#lua-begin')
    await this.appears('#lua-body')
    await this.idle()
    return this.processId()
  }

  processId = () => this.text('#lua-subject .id-text')
  turns = () => this.texts('[data-testid=turn]')

  /** Waits until no call is pending and the console log has every output. */
  idle() {
    return this.until(() => !document.querySelector('#prompt-run').disabled && !document.querySelector('.turn.pending'))
  }

  /** Runs Lua in the console and returns the output. */
  async run(code) {
    await this.fill('#prompt-code', code)
    return this.enter()
  }

  /** Presses Enter in the console. */
  async enter() {
    await this.page.focus('#prompt-code')
    await this.press('Enter')
    await this.idle()
    const last = '[data-testid=console-log] > [data-testid=turn]'
    return this.page.$$eval(last, (all) =>
      [...all.at(-1).querySelectorAll('.came')].map((element) => element.innerText.trim()).join('\n')
    )
  }

  async sample(name, label) {
    await this.page.$eval(
      '#sample',
      (select, wanted) => {
        select.selectedIndex = [...select.options].findIndex(({ text }) => text === wanted)
        select.dispatchEvent(new Event('change'))
      },
      name
    )
    await this.page.$$eval(
      '#sample-steps button',
      (all, wanted) => all.find((button) => button.textContent === wanted).click(),
      label
    )
    return this.enter()
  }

  /** Arrows of the diagram from left to right. */
  arrows() {
    return this.page.$$eval('[data-testid=arrow]', (all) =>
      all.map((arrow) => ({
        ...{ key: arrow.dataset.key, from: arrow.dataset.from, to: arrow.dataset.to, action: arrow.dataset.action },
        ...{ kind: arrow.classList[1].replace('kind-', ''), x: arrow.getBBox().x, label: arrow.ariaLabel }
      }))
    )
  }

  lanes = () => this.page.$$eval('.lane', (all) => all.map((lane) => lane.dataset.lane))
  laneNames = () => this.page.$$eval('.lane-names text', (all) => all.map((text) => text.textContent))

  bars() {
    return this.page.$$eval('[data-testid=bar]', (all) =>
      all.map((bar) => ({ gas: Number(bar.dataset.gas), height: bar.querySelector('rect').height.baseVal.value }))
    )
  }

  mails = (box) =>
    this.page.$$eval(`[data-testid=${box}] .mail`, (all) =>
      all.map((row) => [...row.querySelectorAll('.mail-party, .mail-title')].map(({ textContent }) => textContent))
    )

  chooseProcess(name) {
    return this.page.$$eval(
      '.process-row',
      (all, wanted) => all.find((row) => row.querySelector('.process-name').textContent === wanted).click(),
      name
    )
  }

  workbench = () => this.click('[name=view][value=workbench] + span')
  console = () => this.click('[name=view][value=console] + span')
}
