"""Display of explanations: coloured words, bars by column and heat maps, in the terminal and on a page."""

from rectinet.explaining._account import Account as Account
from rectinet.explaining._account import accounts as accounts
from rectinet.explaining._images import check_shape as check_shape
from rectinet.explaining._page import write_page as write_page
from rectinet.explaining._terminal import show as show
