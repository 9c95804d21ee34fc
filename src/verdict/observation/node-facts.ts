import { defineObservation } from './define-observation.ts'
import { isListOf, isOneOf, isText } from './facts.ts'

/** The release of the kernel of a machine of a lab, as `uname -r` prints it. */
export const kernelRelease = defineObservation('kernel', isText)

/** The version of QEMU of the image that the machines of a lab boot from, as `qemu-img --version` prints it. */
export const qemuVersion = defineObservation('QEMU', isText)

/** A topology file that was brought up, and its SHA-256. */
export const topologyFile = defineObservation(
  'topology file',
  (facts): facts is { readonly file: string; readonly sha256: string } =>
    typeof facts === 'object' && facts !== null && 'file' in facts && 'sha256' in facts,
)

/** The mount table of a node: text, or a list of lines. */
export const mountTable = defineObservation(
  'mount table',
  (facts): facts is string | readonly string[] => isText(facts) || isListOf(isText)(facts),
)

/** The nodes of a site of a lab. Its place is the site. */
export const siteNodes = defineObservation('the nodes of the site', isListOf(isText))

/** A change of the power of a node, once it has booted again. */
export const nodePower = defineObservation('power', isOneOf('rebooted', 'cut, and switched on again'))
