"""The style sheet: hairlines instead of boxes, one accent, a 4-px grid."""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from ui.look.palette import Colours

# Widgets are told apart by the dynamic property "look"; ui.look.parts sets it.
_SHEET = Template("""
* { outline: none; }
QToolTip { color: $text; background: $page; border: 1px solid $hairline; padding: 4px 8px; }
QLabel { background: transparent; }
QLabel[look="title"] { font-size: ${title}pt; font-weight: 700; }
QLabel[look="heading"] { font-size: ${heading}pt; font-weight: 700; }
QLabel[look="quiet"] { color: $quiet; }
QLabel[look="small"] { color: $quiet; font-size: ${small}pt; }
QLabel[look="problem"] { color: $danger; font-size: ${small}pt; }
QLabel[look="strong"] { font-weight: 700; }
QLabel[look="practice"] { color: $practice; font-weight: 700; border: 2px solid $practice; border-radius: 4px;
  padding: 2px 10px; }
QFrame[look="lesson"] { background: $page; border: 1px solid $practice; border-radius: 6px; }
QWidget[look="frame"] { background: $paper; }
QWidget[look="frame"][practice="true"] { background: $practice; }
QWidget[look="ground"] { background: $paper; }
QLabel[look="number"] { color: $danger; font-size: ${number}pt; font-weight: 700; }
QLabel[look="code"] { font-size: ${heading}pt; font-weight: 700; letter-spacing: 2px; }
QFrame[look="hairline"] { background: $hairline; border: none; }
QFrame[look="section"], QWidget[look="page"] { background: $page; border: none; }
QFrame[look="section"] { border: 1px solid $hairline; border-radius: 6px; }
QWidget[look="rail"] { background: $rail; }
QFrame[look="banner"] { background: $accent_soft; border: none; border-radius: 6px; }
QFrame[look="banner"][tone="danger"] { background: $danger_soft; }
QFrame[look="banner"][tone="warning"] { background: $warning_soft; }
QFrame[look="banner"][tone="good"] { background: $good_soft; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateEdit {
  background: $field; color: $text; border: 1px solid $edge; border-radius: 4px; padding: 5px 8px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDateEdit:focus {
  border: 2px solid $accent; padding: 4px 7px; }
QLineEdit[problem="true"], QPlainTextEdit[problem="true"], QComboBox[problem="true"] { border-color: $danger; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $quiet; background: $paper; }
QLineEdit[look="search"] { border-radius: 16px; padding: 6px 16px; }
QLineEdit[look="search"]:focus { padding: 5px 15px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox QAbstractItemView { background: $page; border: 1px solid $edge; padding: 4px; }

QPushButton { background: $page; color: $text; border: 1px solid $edge; border-radius: 4px; padding: 6px 16px;
  icon-size: ${icon}px; }
QPushButton:hover { border-color: $accent; color: $accent; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 15px; }
QPushButton:disabled { color: $edge; border-color: $hairline; }
QPushButton[look="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 700; }
QPushButton[look="primary"]:hover { color: $on_accent; }
QPushButton[look="primary"]:focus { border: 2px solid $text; }
QPushButton[look="primary"]:disabled { background: $hairline; color: $quiet; border-color: $hairline; }
QPushButton[look="quiet"] { background: transparent; color: $accent; border: 1px solid transparent; padding: 6px 8px; }
QPushButton[look="quiet"]:hover { background: $accent_soft; }
QPushButton[look="quiet"]:focus { border: 1px solid $accent; }
QPushButton[look="link"] { background: transparent; color: $accent; border: none; padding: 5px 0; text-align: left; }
QPushButton[look="link"]:focus { background: $accent_soft; border: none; padding: 5px 0; }
QPushButton[look="danger"] { background: $page; color: $danger; border: 1px solid $danger; }
QPushButton[look="chip"] { background: $page; border: 1px solid $hairline; border-radius: 14px; padding: 4px 12px; }
QPushButton[look="chip"]:hover { border-color: $accent; }
QPushButton[look="chip"]:focus { border: 2px solid $accent; padding: 3px 11px; }
QPushButton[look="chip"]:checked { background: $accent_soft; color: $accent; border-color: $accent; font-weight: 700; }
QPushButton[look="place"] { background: transparent; border: none; border-left: 3px solid transparent; border-radius: 0;
  text-align: left; padding: 9px 16px 9px 13px; icon-size: ${place}px; }
QPushButton[look="place"]:hover { color: $accent; }
QPushButton[look="place"]:focus { background: $accent_soft; padding: 9px 16px 9px 13px; border: none;
  border-left: 3px solid $quiet; }
QPushButton[look="place"]:checked { background: $page; color: $accent; border-left: 3px solid $accent;
  font-weight: 700; }
QPushButton[look="choice"] { text-align: left; padding: 12px 16px; border-color: $hairline; }
QPushButton[look="choice"]:checked { border: 2px solid $accent; padding: 11px 15px; background: $accent_soft; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QScrollArea, QStackedWidget { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[look="scrolled"] { background: transparent; }
QAbstractItemView { background: $page; color: $text; border: none; alternate-background-color: $paper;
  selection-background-color: $accent_soft; selection-color: $text; gridline-color: $hairline; }
QAbstractItemView::item { padding: 4px 8px; }
QListWidget::item:selected, QListView::item:selected, QTreeView::item:selected, QTableView::item:selected {
  background: $accent_soft; color: $text; }
QHeaderView::section { background: $page; color: $quiet; border: none; border-bottom: 1px solid $hairline;
  padding: 6px 8px; font-weight: 400; }
QTableCornerButton::section { background: $page; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none;
  width: 0; height: 0; }
QProgressBar { background: $hairline; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QMenu { background: $page; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 3px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QDialog { background: $paper; }
""")


def style_sheet(colours: Colours, size: int) -> str:
    """The sheet for one set of colours and one type size in points."""
    sizes = {
        "title": round(size * 1.6),
        "heading": round(size * 1.15),
        "small": size - 1,
        "number": size * 2,
        "place": round(size * 1.8),
        "icon": round(size * 1.5),
    }
    return _SHEET.substitute(asdict(colours), **sizes)
