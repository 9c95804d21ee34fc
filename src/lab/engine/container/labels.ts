/** Labels on every container and image that dr-drill makes. */
export const labels = {
  run: 'dr-drill.run',
  lab: 'dr-drill.lab',
  machine: 'dr-drill.machine',
  image: 'dr-drill.image',
} as const
