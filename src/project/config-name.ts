/** Name of the configuration file of a project. */
export const configName = 'dr-drill.config.yaml'
