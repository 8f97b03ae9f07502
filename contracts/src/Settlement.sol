// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Authorisations} from "./Authorisations.sol";

/// @title Many payer-signed payments in one call
/// @notice batch = group*; group = merchant(20) feeBasisPoints(2) count(2) item*;
///         item = r(32) vs(32) amount(8) nonce(6) validBefore(4) invoice(16). All big-endian, signatures as EIP-2098.
abstract contract Settlement is Authorisations {
    /// @notice The EIP-712 type that a payer signs.
    bytes32 public constant PAYMENT_TYPEHASH =
        keccak256("Payment(address merchant,uint64 amount,uint48 nonce,uint32 validBefore,bytes16 invoice)");
    uint256 private constant GROUP_BYTES = 24;
    uint256 private constant ITEM_BYTES = 98;
    uint256 internal constant WINDOW_BITS = 64;
    /// @dev A payer may jump 1,024 nonces beyond the window; the skipped ones count as used.
    uint256 private constant FURTHEST_NONCE = 1_087;
    bytes32 private constant TRANSFER_TOPIC = keccak256("Transfer(address,address,uint256)");
    bytes32 private constant PAID_TOPIC = keccak256("Paid(bytes16)");
    bytes32 private constant SKIPPED_TOPIC = keccak256("Skipped(bytes16,address,uint256)");

    /// @notice The payment of `invoice` is the Transfer just before this event.
    event Paid(bytes16 indexed invoice);
    /// @notice Nothing moved: 1 expired, 2 bad signature, 3 frozen payer, 4 funds, 5 replay, 6 frozen merchant,
    ///         7 zero amount. `payer` is zero where the check came before the signature (1, 6, 7) or without one (2).
    event Skipped(bytes16 indexed invoice, address payer, uint256 reason);

    /// @notice The batch does not end where its counts say.
    error MalformedBatch();
    /// @notice A group asks for a higher fee than the cap.
    error FeeAboveCap(uint256 feeBasisPoints);

    /// @notice Settler moves what payers signed, within its daily limit; a bad item is skipped and harms no other.
    ///         Emits Transfer and Paid, or Skipped, for each item in order, and one Transfer of the fee a group.
    ///         Reverts with TokenPaused, NotAllowed, FeeAboveCap, MalformedBatch or SettlerDailyLimitExceeded.
    function settleBatch(bytes calldata batch) external {
        uint256 settings = _config;
        if (settings & PAUSED_BIT != 0) revert TokenPaused();
        uint256 settler = _settlers[msg.sender];
        if (uint96(settler) == 0) revert NotAllowed(msg.sender);
        (uint256 won, uint256 fee) = _settleGroups(batch, settings);
        if (won != 0) _spendSettler(settler, won);
        if (fee != 0) {
            unchecked {
                _accounts[address(uint160(settings))] += fee;
            }
        }
    }

    /// @dev Walks the groups; returns what moved in all and how much of it is fee.
    function _settleGroups(bytes calldata batch, uint256 settings)
        private
        returns (uint256 totalWon, uint256 totalFee)
    {
        uint256 buffer = _prepareBuffer();
        uint256 at;
        uint256 end;
        assembly ("memory-safe") {
            at := batch.offset
            end := add(at, batch.length)
        }
        unchecked {
            while (at < end) {
                uint256 head;
                assembly ("memory-safe") {
                    head := calldataload(at)
                }
                at += GROUP_BYTES;
                uint256 feeBasisPoints = uint16(head >> 80);
                uint256 itemsEnd = at + ITEM_BYTES * uint16(head >> 64);
                if (feeBasisPoints > uint16(settings >> FEE_CAP_SHIFT)) revert FeeAboveCap(feeBasisPoints);
                if (itemsEnd > end) revert MalformedBatch();
                (uint256 credit, uint256 fee) =
                    _settleGroup(buffer, address(uint160(head >> 96)), feeBasisPoints, at, itemsEnd);
                at = itemsEnd;
                if (fee != 0) emit Transfer(address(uint160(head >> 96)), address(uint160(settings)), fee);
                totalWon += credit;
                totalFee += fee;
            }
        }
    }

    /// @dev Settles one merchant's items and credits what they paid less the fee, rounded down an item.
    function _settleGroup(uint256 buffer, address merchant, uint256 feeBasisPoints, uint256 at, uint256 end)
        private
        returns (uint256 credit, uint256 fee)
    {
        if (_accounts[merchant] & FROZEN_BIT != 0) {
            _skipGroup(at, end);
            return (0, 0);
        }
        assembly ("memory-safe") {
            mstore(add(buffer, 0x20), merchant)
        }
        unchecked {
            for (; at < end; at += ITEM_BYTES) {
                uint256 won = _settleItem(buffer, at, merchant);
                credit += won;
                fee += won * feeBasisPoints / 10_000;
            }
            if (credit != 0) _accounts[merchant] += credit - fee;
        }
    }

    /// @dev Logs every item of a frozen merchant as skipped.
    function _skipGroup(uint256 at, uint256 end) private {
        for (; at < end; at += ITEM_BYTES) {
            bytes16 invoice;
            assembly ("memory-safe") {
                invoice := shl(128, calldataload(add(at, 66)))
            }
            emit Skipped(invoice, address(0), 6);
        }
    }

    /// @dev Debits the payer of one item and logs it as paid or skipped; returns the won that moved.
    function _settleItem(uint256 buffer, uint256 at, address merchant) private returns (uint256 won) {
        uint256 terms;
        uint256 invoice;
        assembly ("memory-safe") {
            terms := calldataload(add(at, 64))
            invoice := shl(128, calldataload(add(at, 66)))
        }
        uint256 amount = terms >> 192;
        address payer;
        uint256 reason;
        if (block.timestamp >= uint32(terms >> 112)) {
            reason = 1;
        } else if (amount == 0) {
            // A junk signature recovers to some empty account, which can pay zero.
            reason = 7;
        } else {
            payer = _payerOf(buffer, at, terms, invoice);
            reason = payer == address(0) ? 2 : _take(payer, uint48(terms >> 144), amount);
        }
        bytes32 paidTopic = PAID_TOPIC;
        bytes32 skippedTopic = SKIPPED_TOPIC;
        bytes32 transferTopic = TRANSFER_TOPIC;
        assembly ("memory-safe") {
            switch reason
            case 0 {
                won := amount
                mstore(0x00, amount)
                log3(0x00, 0x20, transferTopic, payer, merchant)
                log2(0x00, 0x00, paidTopic, invoice)
            }
            default {
                mstore(0x00, payer)
                mstore(0x20, reason)
                log2(0x00, 0x40, skippedTopic, invoice)
            }
        }
    }

    /// @dev Who signed the item's terms for the merchant in the buffer; zero for nobody.
    function _payerOf(uint256 buffer, uint256 at, uint256 terms, uint256 invoice) private view returns (address payer) {
        assembly ("memory-safe") {
            mstore(add(buffer, 0x40), shr(192, terms))
            mstore(add(buffer, 0x60), and(shr(144, terms), 0xffffffffffff))
            mstore(add(buffer, 0x80), and(shr(112, terms), 0xffffffff))
            mstore(add(buffer, 0xa0), invoice)
            mstore(add(buffer, 0xe2), keccak256(buffer, 0xc0))
            let input := add(buffer, 0x140)
            mstore(input, keccak256(add(buffer, 0xc0), 0x42))
            let vs := calldataload(add(at, 0x20))
            let s := shr(1, shl(1, vs))
            mstore(add(input, 0x20), add(27, shr(255, vs)))
            mstore(add(input, 0x40), calldataload(at))
            mstore(add(input, 0x60), s)
            // A high s has a twin, so it counts as no signature.
            if iszero(gt(s, HIGHEST_S)) {
                mstore(0x00, 0)
                pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20))
                payer := mload(0x00)
            }
        }
    }

    /// @dev Uses the nonce and takes the won from the payer, or says why not and changes nothing.
    function _take(address payer, uint256 nonce, uint256 won) private returns (uint256 reason) {
        uint256 slot;
        uint256 word;
        assembly ("memory-safe") {
            mstore(0x00, payer)
            mstore(0x20, _accounts.slot)
            slot := keccak256(0x00, 0x40)
            word := sload(slot)
        }
        if (word & FROZEN_BIT != 0) return 3;
        unchecked {
            uint256 base = uint48(word >> BASE_SHIFT);
            uint256 ahead = nonce - base;
            if (ahead < WINDOW_BITS) {
                uint256 bit = 1 << (WINDOW_SHIFT + ahead);
                if (word & bit != 0) return 5;
                word |= bit;
            } else {
                // Below the base the difference is huge.
                if (ahead > FURTHEST_NONCE) return 5;
                uint256 slide = ahead - (WINDOW_BITS - 1);
                uint256 window = uint64(word >> WINDOW_SHIFT) >> slide | 1 << (WINDOW_BITS - 1);
                word = uint96(word) | window << WINDOW_SHIFT | (base + slide) << BASE_SHIFT;
            }
            if (uint96(word) < won) return 4;
            word -= won;
            assembly ("memory-safe") {
                sstore(slot, word)
            }
        }
    }

    /// @dev Memory for hashing: the struct's six words, the digest's 66 bytes at 0xc0 (the struct hash at 0xe2),
    ///      ecrecover's four words at 0x140.
    function _prepareBuffer() internal view returns (uint256 buffer) {
        bytes32 domain = _domainSeparator();
        bytes32 typehash = PAYMENT_TYPEHASH;
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, 0x1c0))
            mstore(buffer, typehash)
            mstore(add(buffer, 0xc0), shl(240, 0x1901))
            mstore(add(buffer, 0xc2), domain)
        }
    }
}
