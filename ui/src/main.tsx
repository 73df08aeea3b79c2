// Entry of the page.
import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/pages.css';
import { applyTheme } from './app/theme.ts';
import { Root } from './app/root.tsx';

applyTheme();
const place = document.getElementById('app');
if (place !== null) {
  place.textContent = '';
  render(<Root />, place);
}
