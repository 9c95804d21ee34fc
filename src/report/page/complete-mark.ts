/** The end of the title of a page that shows the whole report. */
export const completeMark = ', complete'
