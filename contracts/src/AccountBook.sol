// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Balances, allowances and the rule that moves money
/// @notice Amounts are whole won. Every account is one storage word, so that a payment touches one slot a party.
abstract contract AccountBook {
    /// @dev Bits 0-95 of an account word: balance in won.
    uint256 internal constant BALANCE_MASK = 0xffffffffffffffffffffffff;
    /// @dev Bits 96-159: which of the 64 nonces from the base on are used.
    uint256 internal constant WINDOW_SHIFT = 96;
    /// @dev Bits 160-207: lowest nonce that the window covers; all below it are used.
    uint256 internal constant BASE_SHIFT = 160;
    /// @dev Bit 255: the account neither sends nor receives.
    uint256 internal constant FROZEN_BIT = 1 << 255;

    /// @dev Bits 160-175 of the settings word: highest fee of a batch in basis points. Below: who receives fees.
    uint256 internal constant FEE_CAP_SHIFT = 160;
    /// @dev Bit 176: nothing moves, nothing is minted and nothing burnt.
    uint256 internal constant PAUSED_BIT = 1 << 176;

    /// @dev Account words by address.
    mapping(address account => uint256 word) internal _accounts;
    /// @dev Settings word: read once by every call that moves money.
    uint256 internal _config;
    /// @dev Won that a spender may move for an owner.
    mapping(address owner => mapping(address spender => uint256 won)) internal _allowances;

    /// @notice Money moved. Also the ERC-20 event of mint (from zero) and burn (to zero).
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// @notice `spender` may now move up to `value` won of `owner`.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice The pauser has stopped the token.
    error TokenPaused();
    /// @notice A frozen account neither sends nor receives; the zero address and the token itself always are.
    error AccountFrozen(address account);
    /// @notice `account` holds `balance` won, less than the `needed`.
    error InsufficientBalance(address account, uint256 balance, uint256 needed);
    /// @notice `spender` may move `allowed` won, less than the `needed`.
    error InsufficientAllowance(address spender, uint256 allowed, uint256 needed);

    modifier whenNotPaused() {
        if (_config & PAUSED_BIT != 0) revert TokenPaused();
        _;
    }

    constructor() {
        _accounts[address(0)] = FROZEN_BIT;
        _accounts[address(this)] = FROZEN_BIT;
    }

    /// @notice Balance of `account` in won.
    function balanceOf(address account) public view returns (uint256) {
        return _accounts[account] & BALANCE_MASK;
    }

    /// @notice Won that `spender` may move for `owner`.
    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    /// @notice Anyone moves `value` won of their own. Emits Transfer.
    ///         Reverts with TokenPaused, AccountFrozen or InsufficientBalance.
    function transfer(address to, uint256 value) public returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    /// @notice Anyone lets `spender` move up to `value` of their won; the largest number never runs down.
    ///         Emits Approval.
    function approve(address spender, uint256 value) public returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @notice A spender moves `value` won of `from` within the allowance. Reverts as transfer, and with
    ///         InsufficientAllowance.
    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert InsufficientAllowance(msg.sender, allowed, value);
            unchecked {
                _allowances[from][msg.sender] = allowed - value;
            }
        }
        _move(from, to, value);
        return true;
    }

    function _approve(address owner, address spender, uint256 value) internal {
        _allowances[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    /// @dev Balances never overflow 96 bits: their sum is the supply, which the cap keeps below.
    function _move(address from, address to, uint256 value) internal whenNotPaused {
        _debit(from, value);
        _credit(to, value);
        emit Transfer(from, to, value);
    }

    function _debit(address from, uint256 value) internal {
        uint256 word = _accounts[from];
        if (word & FROZEN_BIT != 0) revert AccountFrozen(from);
        uint256 balance = word & BALANCE_MASK;
        if (balance < value) revert InsufficientBalance(from, balance, value);
        unchecked {
            _accounts[from] = word - value;
        }
    }

    function _credit(address to, uint256 value) internal {
        uint256 word = _accounts[to];
        if (word & FROZEN_BIT != 0) revert AccountFrozen(to);
        unchecked {
            _accounts[to] = word + value;
        }
    }
}
