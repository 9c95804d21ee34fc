/** The environment variable that names the folder in which test files create their folders. */
export const foldersVariable = 'DR_DRILL_TEST_FOLDERS'

/** Ends the name of the file beside a test file's folder, which says whose it is. */
export const markSuffix = '.file'
